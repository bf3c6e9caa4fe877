import type { CoreMm } from '../mm/index.ts'
import type { FrameSource } from './allocators/index.ts'
import type { PoolCounters } from './counters.ts'
import type { EphemeralPool } from './ephemeral-pool.ts'

/** Where a pool's allocator takes its frames from: core mm, under the limit of both halves, or the ephemeral half, which a put may eat from. */
export class PoolFrames implements FrameSource {
  /** The allocator was refused a frame because of the limit; whoever asks clears it before. */
  refused = false
  /** Ephemeral frames dropped since the meal began; what the allocator gives back of them while it finds no room stays here. */
  eating = 0
  /** Most frames of the persistent kind since clearPeak. */
  peak = 0
  private readonly core: Pick<CoreMm, 'allocFrame' | 'nextFrame' | 'freeFrame'>
  private readonly limit: number
  private readonly ephemeral: EphemeralPool | null
  private readonly counters: PoolCounters
  /** Those on their way to the allocator. */
  private readonly eaten: number[] = []

  constructor(core: PoolFrames['core'], limit: number, ephemeral: EphemeralPool | null, counters: PoolCounters) {
    this.core = core
    this.limit = limit
    this.ephemeral = ephemeral
    this.counters = counters
  }

  /** Of both kinds. */
  get count(): number {
    const { ephemeral, counters } = this
    return ephemeral === null ? counters.pers_pageframes : counters.pers_pageframes + ephemeral.counters.eph_pageframes
  }

  /** Of the persistent kind. */
  get full(): boolean {
    return this.counters.pers_pageframes >= this.limit
  }

  clearPeak(): void {
    this.peak = this.counters.pers_pageframes
  }

  // --- FrameSource ---------------------------------------------------------------------------------------------------

  /** A frame for the allocator: a new one, under the limit and where one is free without reclaim. */
  take(): number {
    const counters = this.counters
    let frame = this.eaten.pop() ?? -1
    if (frame < 0) {
      if (this.count >= this.limit) {
        this.refused = true
        return -1
      }
      frame = this.core.allocFrame()
      if (frame < 0) return -1
      counters.pageframes_alloced++
    }
    if (++counters.pers_pageframes > this.peak) {
      this.peak = counters.pers_pageframes
      if (this.peak > counters.pers_pageframes_max) counters.pers_pageframes_max = this.peak
    }
    return frame
  }

  next(): number {
    if (this.eaten.length > 0) return this.eaten[this.eaten.length - 1]
    return this.count >= this.limit ? -1 : this.core.nextFrame()
  }

  give(frame: number): void {
    this.counters.pers_pageframes--
    if (this.eaten.length < this.eating) this.eaten.push(frame)
    else this.giveUp(frame)
  }

  private giveUp(frame: number): void {
    this.counters.pageframes_freed++
    this.core.freeFrame(frame)
  }

  // --- Eating --------------------------------------------------------------------------------------------------------

  /** Drops the oldest ephemeral frame for the allocator to take. False where there is none. */
  eat(): boolean {
    const { ephemeral } = this
    if (ephemeral === null) return false
    const frame = ephemeral.evictFrame()
    if (frame < 0) {
      ephemeral.counters.pers_ate_eph_failed++
      return false
    }
    ephemeral.counters.pers_ate_eph++
    this.eaten.push(frame)
    this.eating++
    return true
  }

  /** What the allocator did not take of them goes back to core mm. */
  endMeal(): void {
    this.eating = 0
    for (let frame = this.eaten.pop(); frame !== undefined; frame = this.eaten.pop()) this.giveUp(frame)
  }

  /** What is wrong with the books, in sentences. */
  audit(): string[] {
    const { counters, count, eaten } = this
    const wrong: string[] = []
    // zcache2 allowed for 2, because its counters were not locked.
    if (counters.pageframes_alloced - counters.pageframes_freed !== count)
      wrong.push(`${counters.pageframes_alloced} frames allocated, ${counters.pageframes_freed} freed, ${count} held`)
    if (eaten.length > 0) wrong.push(`frames ${eaten.join(', ')} were evicted and taken by nobody`)
    return wrong
  }
}
