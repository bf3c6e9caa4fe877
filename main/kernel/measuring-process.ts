import { type ChildProcess, fork } from 'node:child_process'
import { LabError } from '../contract/index.ts'
import { KernelTree } from './kernel-tree.ts'
import type { FromMeasure, MeasureAnswers, ToMeasure } from './measure/protocol.ts'
import { NODE_ENVIRONMENT, packageFile } from './package-file.ts'

/** The process whose memory the kernel swaps; one for each trial, so that each begins with nothing. */
export class MeasuringProcess {
  private readonly child: ChildProcess
  private waiting: { resolve(answer: unknown): void; reject(error: unknown): void } | null = null
  private gone: LabError | null = null
  private readonly over: Promise<void>
  private readonly tree = new KernelTree()
  private group: string | null = null

  constructor() {
    this.child = fork(packageFile('measure/process.ts'), [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      detached: true,
      execArgv: [],
      env: { ...process.env, ...NODE_ENVIRONMENT },
    })
    this.child.on('message', (message) => {
      const word = message as FromMeasure
      const { waiting } = this
      this.waiting = null
      if (word.ok) waiting?.resolve(word.answer)
      else
        waiting?.reject(new LabError({ code: 'io_error', message: `The measuring process failed: ${word.message}.` }))
    })
    this.over = new Promise((resolve) => {
      const end = (how: string) => {
        this.gone ??= new LabError({
          code: 'engine_died',
          message: `The measuring process of the kernel lane ${how}.`,
          remedy:
            'Where nobody killed it, the kernel may have for lack of memory (dmesg): give more RAM or fewer pages.',
        })
        this.waiting?.reject(this.gone)
        this.waiting = null
        resolve()
      }
      this.child.once('error', (error) => end(`could not be started: ${error.message}`))
      this.child.once('exit', (code, signal) =>
        end(signal ? `was killed by ${signal}` : `ended with exit code ${code}`),
      )
    })
  }

  get pid(): number | undefined {
    return this.child.pid
  }

  /**
   * The control group that it is in from now on. The kernel weighs active pages against inactive ones by counts that it brings up to date
   * every two seconds, or when somebody reads them. In a small group every page can have become active by then; it still counts inactive
   * ones, makes none, finds nothing to free, and ends the process with most of the swap area free (Linux 6.18). So they are read before
   * each message, and no message may make half of the group's pages active.
   */
  limitedBy(group: string): void {
    this.group = group
  }

  /** @throws LabError engine_died, io_error */
  ask<K extends ToMeasure['kind']>(message: Extract<ToMeasure, { kind: K }>): Promise<MeasureAnswers[K]> {
    if (this.gone) return Promise.reject(this.gone)
    if (this.group !== null) this.tree.read(this.group, 'memory.stat')
    return new Promise<MeasureAnswers[K]>((resolve, reject) => {
      this.waiting = { resolve: (answer) => resolve(answer as MeasureAnswers[K]), reject }
      this.child.send(message, (error) => {
        if (error) reject(this.gone ?? error)
      })
    })
  }

  async end(): Promise<void> {
    this.child.kill('SIGKILL')
    await this.over
  }
}
