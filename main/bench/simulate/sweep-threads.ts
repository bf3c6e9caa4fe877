import { Worker } from 'node:worker_threads'
import { faultOf, LabError } from '../../contract/index.ts'
import type { SweepAnswer, SweepOutcome, SweepTask } from './sweep-worker.ts'

type Hooks = Extract<SweepAnswer, { hooks: unknown }>['hooks']

/**
 * The threads of sweeps. One that has ended a task waits for the next, of this sweep or of a later one: a start costs some tenths of a second (its
 * modules, and its own compiled code). Idle ones do not keep the process from ending.
 */

const SOURCE = new URL('./sweep-worker.ts', import.meta.url)

/** Looks at the hook that is being called, in the time it may take. */
const LOOKS = 4

const idle: SweepThread[] = []

export class SweepThread {
  private readonly worker: Worker
  private waiting: { resolve: (outcome: SweepOutcome) => void; reject: (error: LabError) => void } | null = null
  private ended: LabError | null = null
  private hooks: Hooks | null = null
  private watch: NodeJS.Timeout | undefined

  /** One that has worked before, if there is one. */
  static take(entry = SOURCE): SweepThread {
    const thread = idle.pop() ?? new SweepThread(entry)
    thread.worker.ref()
    return thread
  }

  private constructor(entry: URL) {
    this.worker = new Worker(entry)
    this.worker.on('message', (answer: SweepAnswer) => {
      if ('hooks' in answer) this.hooks = answer.hooks
      else this.answer(answer.outcome)
    })
    this.worker.on('error', (error) => this.end(new LabError(faultOf(error), { cause: error })))
    this.worker.on('exit', (code) =>
      this.end(new LabError({ code: 'internal', message: `A thread of the sweep ended with exit code ${code}.` })),
    )
  }

  /** Whether it takes another task. */
  get lives(): boolean {
    return this.ended === null
  }

  /**
   * One task at a time. Where a hook of a user's policy does not return for `hookLimitMs`, the task has that for its outcome, and the thread is ended.
   * @throws LabError `internal` where the thread cannot be started, or dies
   */
  run(task: SweepTask, hookLimitMs: number): Promise<SweepOutcome> {
    return new Promise((resolve, reject) => {
      if (this.ended) return reject(this.ended)
      this.waiting = { resolve, reject }
      this.worker.postMessage(task)
      this.watchHooks(hookLimitMs)
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

  private answer(outcome: SweepOutcome): void {
    clearInterval(this.watch)
    this.waiting?.resolve(outcome)
    this.waiting = null
  }

  /** Whether a hook returns can only be seen from here: the thread that called it is held up. */
  private watchHooks(limitMs: number): void {
    let seen = -1
    let looks = 0
    this.watch = setInterval(() => {
      if (this.hooks === null) return
      const [place, call] = this.hooks.words
      looks = place > 0 && call === seen ? looks + 1 : 0
      seen = call
      if (looks < LOOKS) return
      const fault = new LabError({
        code: 'bad_input',
        field: 'lanes.policy',
        message: `${this.hooks.names[place - 1]} has not returned for at least ${limitMs / 1000} s.`,
        remedy: 'Look for a loop without an end in that hook.',
      })
      this.answer({ fault: fault.toFault() })
      this.end(fault)
      void this.terminate()
    }, limitMs / LOOKS).unref()
  }

  private end(error: LabError): void {
    clearInterval(this.watch)
    this.ended ??= error
    this.waiting?.reject(this.ended)
    this.waiting = null
    const at = idle.indexOf(this)
    if (at >= 0) idle.splice(at, 1)
  }
}
