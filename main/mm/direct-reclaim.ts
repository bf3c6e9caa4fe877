import { LabError } from '../contract/index.ts'
import type { SwapIo } from '../swapfile/index.ts'
import type { Clock } from './clock.ts'
import type { MmCounters } from './counters.ts'
import type { Frames } from './frames.ts'
import { LIST_ACTIVE_ANON, LIST_INACTIVE_ANON, type Lru } from './lru.ts'
import { type Reclaim, SWAP_CLUSTER_MAX } from './reclaim.ts'
import type { Recorder } from './recorder.ts'
import type { Watermarks } from './watermarks.ts'

/** Turns with failed writes that do not leave more frames free than there were at best, after which the disk is taken for gone. */
const MAX_FAILING_TURNS = 256

/** How a fault gets a frame where no more than the minimum are free: it reclaims by itself, and waits for writes. */
export class DirectReclaim {
  private readonly frames: Frames
  private readonly lru: Lru
  private readonly watermarks: Watermarks
  private readonly reclaim: Reclaim
  private readonly io: SwapIo
  private readonly counters: MmCounters
  private readonly clock: Clock
  private readonly meter: Recorder
  private readonly diskSwap: boolean

  /** @param parts.meter ns of each time */
  constructor(parts: {
    frames: Frames
    lru: Lru
    watermarks: Watermarks
    reclaim: Reclaim
    io: SwapIo
    counters: MmCounters
    clock: Clock
    meter: Recorder
    diskSwap: boolean
  }) {
    this.frames = parts.frames
    this.lru = parts.lru
    this.watermarks = parts.watermarks
    this.reclaim = parts.reclaim
    this.io = parts.io
    this.counters = parts.counters
    this.clock = parts.clock
    this.meter = parts.meter
    this.diskSwap = parts.diskSwap
  }

  /** @throws LabError `io_error`, `out_of_memory` */
  takeFrame(): number {
    const start = this.clock.now()
    this.counters.allocstall++
    // Each turn either frees a frame, starts a write, or waits for one; turns that can do none of them, or whose writes all fail, end the loop.
    let idle = 0
    let failing = 0
    // A page that cannot be written gives a frame of the pool and takes it again: only more than ever before is a gain.
    let most = this.frames.free
    while (this.frames.free <= this.watermarks.min && idle < 4 && failing < MAX_FAILING_TURNS) {
      const errors = this.counters.write_errors
      const progress = this.reclaim.pass(SWAP_CLUSTER_MAX)
      if (this.frames.free > this.watermarks.min) break
      if (this.io.inflight > 0) this.io.wait()
      else if (progress === 0) idle++
      if (this.frames.free > most) {
        most = this.frames.free
        failing = 0
      } else if (this.counters.write_errors > errors) failing++
    }
    this.meter.record(this.clock.now() - start)
    if (failing === MAX_FAILING_TURNS)
      throw new LabError({
        code: 'io_error',
        message: `Nothing can be written to the swap area: ${this.counters.write_errors} writes have failed, the last ones without exception, and no page can leave RAM.`,
        remedy: 'Check the kernel log (dmesg), or choose another swap directory.',
      })
    const frame = this.frames.take()
    if (frame < 0)
      throw new LabError({
        code: 'out_of_memory',
        message: `Out of memory: ${this.frames.total} frames hold ${this.frames.pool} of the pool and ${this.lru.size(LIST_ACTIVE_ANON) + this.lru.size(LIST_INACTIVE_ANON)} resident pages, and none of them can leave.`,
        remedy: this.diskSwap
          ? 'Give more RAM (memory.frames).'
          : 'Give more RAM (memory.frames) or a larger pool (memory.pool), or let refused pages go to disk (diskSwap: on).',
      })
    return frame
  }
}
