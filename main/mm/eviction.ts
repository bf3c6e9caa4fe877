import type { SlotMap } from '../swapfile/index.ts'
import type { AddressSpace } from './address-space.ts'
import type { Clock } from './clock.ts'
import type { MmCounters } from './counters.ts'
import type { FilePages } from './file-pages.ts'
import { FRAME_DIRTY, FRAME_FILE, FRAME_READAHEAD, type Frames } from './frames.ts'
import type { Frontswap } from './frontswap.ts'
import { LIST_ACTIVE_ANON, type Lru } from './lru.ts'
import { PTE_NONE } from './page-table.ts'
import { Repatriations } from './repatriations.ts'
import type { SamePages } from './same-pages.ts'
import type { SwapCache } from './swap-cache.ts'
import { SLOT_WRITTEN_BACK, SLOT_ZERO, type SwapSlots } from './swap-slots.ts'
import type { SwapWrites } from './swap-writes.ts'

/** The ways of a page out of memory: dropped, kept by the backend, or written to the swap area. */

interface EvictionParts {
  pte: Int32Array
  frames: Frames
  lru: Lru
  swap: SwapSlots
  slots: SlotMap
  cache: SwapCache
  writes: SwapWrites
  counters: MmCounters
  clock: Clock
  frontswap: Frontswap | null
  file: FilePages | null
  zeroMap: SamePages | null
  space: AddressSpace | null
  /** Whether a page that the backend refused is written to the swap area, or stays in RAM. */
  diskSwap: boolean
  /** Hears of each page of the workload that leaves memory. */
  onEvict: ((vpn: number) => void) | undefined
  /** The address space says that a page was written to. */
  markWritten(frame: number): void
}

export class Eviction {
  private readonly pte: Int32Array
  private readonly frames: Frames
  private readonly lru: Lru
  private readonly swap: SwapSlots
  private readonly slots: SlotMap
  private readonly cache: SwapCache
  private readonly writes: SwapWrites
  private readonly counters: MmCounters
  private readonly clock: Clock
  private readonly frontswap: Frontswap | null
  private readonly file: FilePages | null
  private readonly zeroMap: SamePages | null
  private readonly space: AddressSpace | null
  private readonly diskSwap: boolean
  private readonly onEvict: ((vpn: number) => void) | undefined
  private readonly markWritten: (frame: number) => void
  /** Made when a first page is repatriated. */
  private repatriations: Repatriations | null = null

  constructor(parts: EvictionParts) {
    this.pte = parts.pte
    this.frames = parts.frames
    this.lru = parts.lru
    this.swap = parts.swap
    this.slots = parts.slots
    this.cache = parts.cache
    this.writes = parts.writes
    this.counters = parts.counters
    this.clock = parts.clock
    this.frontswap = parts.frontswap
    this.file = parts.file
    this.zeroMap = parts.zeroMap
    this.space = parts.space
    this.diskSwap = parts.diskSwap
    this.onEvict = parts.onEvict
    this.markWritten = parts.markWritten
  }

  /**
   * Takes a page (off the LRU already) out of memory: dropped when clean, stored, or its write started. False where it has to stay: refused by
   * the backend, and not to be written to disk.
   */
  evict(frame: number): boolean {
    const vpn = this.frames.vpn[frame]
    if (this.file !== null && this.frames.flags[frame] & FRAME_FILE) {
      this.pte[vpn] = PTE_NONE
      this.counters.pgsteal++
      this.file.drop(vpn, frame)
      this.frames.release(frame)
      return true
    }
    if (vpn >= 0 && this.space?.unmap(vpn, frame)) this.markWritten(frame)
    let slot = this.frames.slot[frame]
    if (slot < 0) {
      slot = this.slots.alloc()
      if (slot < 0) throw new Error('swap area full: it must hold every page of the address space')
      this.swap.vpn[slot] = vpn
      this.cache.enter(slot, frame)
    }
    if (vpn >= 0) {
      this.pte[vpn] = -2 - slot
      this.frames.vpn[frame] = -1
      this.onEvict?.(vpn)
    }
    if ((this.frames.flags[frame] & FRAME_DIRTY) === 0) {
      if (this.storeClean(slot, frame)) this.counters.clean_stores++
      else this.counters.clean_drops++
      this.cache.evict(frame)
    } else if (this.zeroMap?.keep(slot, frame)) this.evictZero(slot, frame)
    else if (this.repatriations?.holds(frame) ? this.storeAgain(slot, frame) : this.frontswap?.store(slot, frame)) {
      this.swap.flags[slot] &= ~SLOT_WRITTEN_BACK
      if (this.frontswap?.writethrough) this.writes.start(slot, frame, 0)
      else this.cache.evict(frame)
    } else {
      this.swap.flags[slot] &= ~SLOT_WRITTEN_BACK
      if (!this.diskSwap) {
        // As the kernel's AOP_WRITEPAGE_ACTIVATE: unmapped and in the swap cache, among the pages that reclaim tries last.
        this.lru.add(frame, LIST_ACTIVE_ANON)
        this.counters.swapout_kept++
        return false
      }
      this.writes.start(slot, frame, 0)
    }
    this.counters.pgsteal++
    return true
  }

  /** The bit is all that is kept. The page stays clean when it comes back, until it is written to. */
  private evictZero(slot: number, frame: number): void {
    this.frontswap?.invalidatePage(slot)
    this.repatriations?.forget(frame)
    this.swap.flags[slot] = SLOT_ZERO
    this.counters.swpout_zero++
    this.cache.evict(frame)
  }

  /** Lets the backend keep a copy of a clean page beside the one on disk. What was read ahead and never used is not offered. */
  private storeClean(slot: number, frame: number): boolean {
    const { frontswap } = this
    if (!frontswap || frontswap.has(slot) || (this.frames.flags[frame] & FRAME_READAHEAD) !== 0) return false
    if (this.swap.isZero(slot)) return false
    if (!frontswap.wantsClean(slot) || !frontswap.store(slot, frame)) return false
    this.swap.keepOnDiskToo(slot)
    return true
  }

  /** Stores a page that was repatriated and has not been touched since. */
  private storeAgain(slot: number, frame: number): boolean {
    const start = this.clock.now()
    const stored = this.frontswap?.store(slot, frame) ?? false
    this.repatriations?.storedAgain(frame, start, this.clock.now())
    return stored
  }

  // --- Pages that were repatriated -------------------------------------------------------------------------------------

  /** A page has come back from the backend into a frame because a policy asked for it; see Repatriations. */
  broughtBack(frame: number, start: number, windowNs: number): void {
    this.repatriations ??= new Repatriations(this.frames.total, this.counters)
    this.repatriations.broughtBack(frame, start, this.clock.now(), windowNs)
  }

  /** Reclaim has found it in use. */
  used(frame: number): void {
    this.repatriations?.used(frame)
  }

  /** Its page was given back. */
  forget(frame: number): void {
    this.repatriations?.forget(frame)
  }
}
