import { PAGE_SIZE } from '../contract/index.ts'
import type { MmCounters } from './counters.ts'
import { FRAME_REFERENCED, FRAME_SEEN, FRAME_WAS_ACTIVE, FRAME_WRITEBACK, type Frames } from './frames.ts'
import { activeOf, type InactiveList, LIST_INACTIVE_ANON, LIST_INACTIVE_FILE, type Lru } from './lru.ts'
import { ScanBalance } from './scan-balance.ts'

export const SWAP_CLUSTER_MAX = 32 // pages one reclaim pass aims at (Linux)

export interface ReclaimHost {
  /** Asks the backend for relief first. Returns pages and frames it gave. */
  shrink(target: number): number
  /** A page is about to be looked at, where the workload does not say itself what it writes; null where it does. */
  look: ((frame: number) => void) | null
  /** Takes a page (off the LRU already) out of memory, or starts its write. False where it has to stay. */
  evict(frame: number): boolean
  /** A page was found referenced. */
  used(frame: number): void
}

/** Which pages leave memory: the two-list scheme of mm/vmscan.c, for anonymous pages and, where there are any, for file pages. */
export class Reclaim {
  private readonly frames: Frames
  private readonly lru: Lru
  private readonly counters: MmCounters
  private readonly host: ReclaimHost
  private readonly anonRatio: number
  /** Null where nothing is file-backed. */
  private readonly balance: ScanBalance | null
  /** A pass is under way. */
  running = false

  constructor(frames: Frames, lru: Lru, counters: MmCounters, files: boolean, host: ReclaimHost) {
    this.frames = frames
    this.lru = lru
    this.counters = counters
    this.host = host
    // Linux keeps inactive:active of anonymous pages at 1:sqrt(10 x GiB), 1:1 below a GiB; of file pages always 1:1.
    const gib = Math.floor((frames.total * PAGE_SIZE) / 2 ** 30)
    this.anonRatio = gib > 0 ? Math.floor(Math.sqrt(10 * gib)) : 1
    this.balance = files ? new ScanBalance(lru) : null
  }

  /** One pass: up to `target` pages evicted or their writes started. Returns how many. */
  pass(target: number): number {
    if (this.running) throw new Error('reclaim entered itself')
    this.running = true
    const { balance, counters, frames, host, lru } = this
    let progress = host.shrink(target)
    this.refill(LIST_INACTIVE_ANON, this.anonRatio, target)
    if (balance) {
      this.refill(LIST_INACTIVE_FILE, 1, target)
      balance.begin()
    }
    let scan = Math.max(target * 4, (lru.size(LIST_INACTIVE_ANON) + lru.size(LIST_INACTIVE_FILE)) * 2)
    while (progress < target && scan-- > 0) {
      const list = balance === null ? LIST_INACTIVE_ANON : balance.next()
      const frame = lru.takeOldest(list)
      if (frame < 0) break
      counters.pgscan++
      host.look?.(frame)
      const flags = frames.flags[frame]
      if (flags & FRAME_WRITEBACK) {
        lru.add(frame, list)
        continue
      }
      // The access that brought the page in sets the bit too, so only a second look tells that it is in use.
      const inUse = (flags & FRAME_REFERENCED) !== 0 && (flags & FRAME_SEEN) !== 0
      balance?.look(list, inUse)
      if (flags & FRAME_REFERENCED) {
        host.used(frame)
        if (inUse) {
          frames.flags[frame] = (flags & ~(FRAME_REFERENCED | FRAME_SEEN)) | FRAME_WAS_ACTIVE
          lru.add(frame, activeOf(list))
          counters.pgactivate++
        } else {
          frames.flags[frame] = (flags & ~FRAME_REFERENCED) | FRAME_SEEN
          lru.add(frame, list)
        }
        if (lru.size(list) === 0) this.refill(list, list === LIST_INACTIVE_ANON ? this.anonRatio : 1, target)
        continue
      }
      if (host.evict(frame)) progress++
    }
    this.running = false
    return progress
  }

  /** Active pages are demoted while their inactive list is the shorter one. */
  private refill(list: InactiveList, ratio: number, target: number): void {
    const { counters, frames, lru } = this
    const active = activeOf(list)
    let moves = Math.max(target, SWAP_CLUSTER_MAX)
    while (moves-- > 0 && lru.size(list) * ratio < lru.size(active)) {
      const frame = lru.takeOldest(active)
      frames.flags[frame] &= ~(FRAME_REFERENCED | FRAME_SEEN)
      lru.add(frame, list)
      counters.pgdeactivate++
    }
  }
}
