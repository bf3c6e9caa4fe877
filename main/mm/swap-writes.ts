import type { SwapIo } from '../swapfile/index.ts'
import type { Backend } from './backend.ts'
import type { MmCounters } from './counters.ts'
import { FRAME_BACKEND_WRITE, FRAME_DETACHED, FRAME_DIRTY, FRAME_WAS_ACTIVE, FRAME_WRITEBACK } from './frames.ts'
import { LIST_ACTIVE_ANON, type Lru } from './lru.ts'
import type { SwapCache } from './swap-cache.ts'
import { SLOT_BACKEND_FORM, SLOT_WRITTEN_BACK } from './swap-slots.ts'

/** Writes pages to the swap area, and decides what becomes of frame and slot when a write has ended. */
export class SwapWrites {
  /** Writes of reclaim under way (the backend's own are counted by the backend). */
  inflight = 0
  private readonly cache: SwapCache
  private readonly lru: Lru
  private readonly io: SwapIo
  private readonly backend: Backend | null
  private readonly counters: MmCounters
  private readonly onDone: (slot: number, frame: number, ok: boolean) => void

  constructor(parts: { cache: SwapCache; lru: Lru; io: SwapIo; backend: Backend | null; counters: MmCounters }) {
    this.cache = parts.cache
    this.lru = parts.lru
    this.io = parts.io
    this.backend = parts.backend
    this.counters = parts.counters
    this.onDone = (slot, frame, ok) => this.done(slot, frame, ok)
  }

  /** @param owner FRAME_BACKEND_WRITE, or 0 for reclaim's own */
  start(slot: number, frame: number, owner: number): void {
    const { frames, swap } = this.cache
    // Everything is marked before submission: a completion may be as quick as it likes.
    frames.flags[frame] = (frames.flags[frame] & ~FRAME_DIRTY) | FRAME_WRITEBACK | owner
    swap.flags[slot] &= ~SLOT_BACKEND_FORM
    if (owner === 0) this.inflight++
    this.counters.pswpout++
    this.io.write(slot, frame, this.onDone)
  }

  /** The write, and its sync, has ended: without an error the page is on disk. */
  private done(slot: number, frame: number, ok: boolean): void {
    const { cache } = this
    const { frames, swap } = cache
    const flags = frames.flags[frame]
    if ((flags & FRAME_WRITEBACK) === 0 || frames.slot[frame] !== slot)
      throw new Error(`a write of slot ${slot} ended, but frame ${frame} holds slot ${frames.slot[frame]}`)
    const mapped = frames.vpn[frame] >= 0
    frames.flags[frame] = flags & ~(FRAME_WRITEBACK | FRAME_DETACHED | FRAME_BACKEND_WRITE)
    // Written through: the backend has the page too.
    const kept = cache.frontswap?.has(slot) ?? false
    if (!ok) {
      this.counters.write_errors++
      swap.flags[slot] &= ~SLOT_WRITTEN_BACK
      if (!kept) frames.flags[frame] |= FRAME_DIRTY
    } else if (kept) swap.keepOnDiskToo(slot)
    if ((flags & FRAME_BACKEND_WRITE) === 0) this.inflight--
    if (flags & FRAME_DETACHED) {
      cache.drop(frame)
      frames.release(frame)
    } else if (mapped) {
      // Written to (or not written out) while under way: the slot's content is not the page's.
      if (frames.flags[frame] & FRAME_DIRTY) cache.drop(frame)
    } else if (ok || kept) cache.evict(frame)
    // The only copy: back among the pages that reclaim will try again.
    else {
      frames.flags[frame] |= FRAME_WAS_ACTIVE
      this.lru.add(frame, LIST_ACTIVE_ANON)
    }
    if (flags & FRAME_BACKEND_WRITE) this.backend?.writebackDone(slot, frame, ok)
  }
}
