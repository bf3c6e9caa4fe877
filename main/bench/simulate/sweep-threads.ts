import { Worker } from 'node:worker_threads'
import { faultOf, LabError } from '../../contract/index.ts'
import type { SweepAnswer, SweepOutcome, SweepTask } from './sweep-worker.ts'

/**
 * The threads of sweeps. One that has ended a task waits for the next, of this sweep or of a later one: a start costs some tenths of a second (its
 * modules, and its own compiled code). Idle ones do not keep the process from ending.
 */

const SOURCE = new URL('./sweep-worker.ts', import.meta.url)

const idle: SweepThread[] = []

export class SweepThread {
  private readonly worker: Worker
  private waiting: { resolve: (outcome: SweepOutcome) => void; reject: (error: LabError) => void } | null = null
  private ended: LabError | null = null

  /** One that has worked before, if there is one. */
  static take(entry = SOURCE): SweepThread {
    const thread = idle.pop() ?? new SweepThread(entry)
    thread.worker.ref()
    return thread
  }

  private constructor(entry: URL) {
    this.worker = new Worker(entry)
    this.worker.on('message', ({ outcome }: SweepAnswer) => {
      this.waiting?.resolve(outcome)
      this.waiting = null
    })
    this.worker.on('error', (error) => this.end(new LabError(faultOf(error), { cause: error })))
    this.worker.on('exit', (code) =>
      this.end(new LabError({ code: 'internal', message: `A thread of the sweep ended with exit code ${code}.` })),
    )
  }

  /** One task at a time. @throws LabError `internal` where the thread cannot be started, or dies */
  run(task: SweepTask): Promise<SweepOutcome> {
    return new Promise((resolve, reject) => {
      if (this.ended) return reject(this.ended)
      this.waiting = { resolve, reject }
      this.worker.postMessage(task)
    })
  }

  /** Its task has ended: the next sweep may have it. */
  release(): void {
    if (this.ended) return
    this.worker.unref()
    idle.push(this)
  }

  /** Ends it, whatever it is at. */
  async terminate(): Promise<void> {
    await this.worker.terminate()
  }

  private end(error: LabError): void {
    this.ended ??= error
    this.waiting?.reject(this.ended)
    this.waiting = null
    const at = idle.indexOf(this)
    if (at >= 0) idle.splice(at, 1)
  }
}
