import { PAGE_SIZE } from '../contract/index.ts'

export interface RepatriationCounters {
  /** Pages brought back from the backend into memory because a policy asked for it, and the time that took, ns. */
  repatriated_pages: number
  repatriated_ns: number
  /** Of those, the ones that were touched before they left again: each saved a fault. */
  repatriated_used: number
  /** The ones that left again within the policy's window without having been touched, and what was wasted on them. */
  repatriated_stored_again: number
  repatriated_wasted_bytes: number
  repatriated_wasted_ns: number
}

/**
 * What became of pages that a policy had brought back from the backend into memory. One row per frame:
 *
 * until  Float64  end of the window in which a store means ping-pong, ns; 0 where the frame holds no such page
 * cost   Float64  what bringing it back took, ns
 */
export class Repatriations {
  private readonly until: Float64Array
  private readonly cost: Float64Array
  private readonly counters: RepatriationCounters

  constructor(frames: number, counters: RepatriationCounters) {
    this.until = new Float64Array(frames)
    this.cost = new Float64Array(frames)
    this.counters = counters
  }

  broughtBack(frame: number, start: number, end: number, windowNs: number): void {
    this.until[frame] = end + windowNs
    this.cost[frame] = end - start
    this.counters.repatriated_pages++
    this.counters.repatriated_ns += end - start
  }

  /** Whether the frame holds a page that was brought back and not touched since, as far as reclaim has looked. */
  holds(frame: number): boolean {
    return this.until[frame] > 0
  }

  used(frame: number): void {
    if (!this.holds(frame)) return
    this.until[frame] = 0
    this.counters.repatriated_used++
  }

  /** It leaves memory untouched. Wasted: a page decompressed and compressed again, and the time of both. */
  storedAgain(frame: number, start: number, end: number): void {
    if (start <= this.until[frame]) {
      this.counters.repatriated_stored_again++
      this.counters.repatriated_wasted_bytes += 2 * PAGE_SIZE
      this.counters.repatriated_wasted_ns += this.cost[frame] + (end - start)
    }
    this.until[frame] = 0
  }

  /** Its page was given back. */
  forget(frame: number): void {
    this.until[frame] = 0
  }
}
