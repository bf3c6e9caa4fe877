import type { Progress } from '../../contract/index.ts'

/** Messages a watcher may be behind before the oldest are dropped: a minute at one a second. */
const MAILBOX = 64

/** One reader of a run's progress. Never holds up the writer: a slow reader loses the oldest messages, never the last. */
class Watcher implements AsyncIteratorObject<Progress, void, void> {
  private readonly mailbox: Progress[] = []
  private waiting: ((result: IteratorResult<Progress, void>) => void) | null = null
  private ended = false
  private readonly leave: (watcher: Watcher) => void

  constructor(leave: (watcher: Watcher) => void) {
    this.leave = leave
  }

  push(progress: Progress): void {
    if (this.ended) return
    if (this.waiting) {
      this.waiting({ done: false, value: progress })
      this.waiting = null
    } else {
      this.mailbox.push(progress)
      if (this.mailbox.length > MAILBOX) this.mailbox.shift()
    }
    if (progress.phase === 'ended') this.end()
  }

  private end(): void {
    this.ended = true
    this.leave(this)
    this.waiting?.({ done: true, value: undefined })
    this.waiting = null
  }

  next(): Promise<IteratorResult<Progress, void>> {
    const progress = this.mailbox.shift()
    if (progress) return Promise.resolve({ done: false, value: progress })
    if (this.ended) return Promise.resolve({ done: true, value: undefined })
    return new Promise((resolve) => {
      // A second next() before the first is answered would lose it; answer the older one with the end.
      this.waiting?.({ done: true, value: undefined })
      this.waiting = resolve
    })
  }

  return(): Promise<IteratorResult<Progress, void>> {
    this.mailbox.length = 0
    if (!this.ended) this.end()
    return Promise.resolve({ done: true, value: undefined })
  }

  throw(): Promise<IteratorResult<Progress, void>> {
    return this.return()
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }
}

/** The latest word of each run under way, and who listens. */
export class ProgressBoard {
  private readonly latest = new Map<string, Progress>()
  private readonly watchers = new Map<string, Set<Watcher>>()

  publish(progress: Progress): void {
    this.latest.set(progress.runId, progress)
    if (progress.phase === 'ended') this.latest.delete(progress.runId)
    for (const watcher of [...(this.watchers.get(progress.runId) ?? [])]) watcher.push(progress)
  }

  last(runId: string): Progress | undefined {
    return this.latest.get(runId)
  }

  /** Runs of this process that are queued or under way. */
  active(): Progress[] {
    return [...this.latest.values()]
  }

  /** The state now, then every change, until the run ends or the reader leaves. */
  watch(runId: string): AsyncIteratorObject<Progress, void, void> {
    const all = this.watchers.get(runId) ?? new Set<Watcher>()
    this.watchers.set(runId, all)
    const watcher = new Watcher((self) => {
      all.delete(self)
      if (all.size === 0) this.watchers.delete(runId)
    })
    all.add(watcher)
    const last = this.latest.get(runId)
    if (last) watcher.push(last)
    return watcher
  }
}
