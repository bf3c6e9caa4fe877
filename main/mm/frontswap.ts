import type { Backend } from './backend.ts'
import type { Clock } from './clock.ts'
import type { Recorder } from './recorder.ts'

/**
 * The seam between core mm and whatever stands behind it (zcache, zswap, …): store, load, invalidate page, invalidate
 * area, and one bit per slot that says "the authoritative copy is in the backend" (Documentation/vm/frontswap.txt).
 */

/** frontswap's own counters, by their kernel names. */
export interface FrontswapCounters {
  frontswap_loads: number
  frontswap_succ_stores: number
  frontswap_failed_stores: number
  frontswap_invalidates: number
}

export interface FrontswapMeters {
  /** A store the backend took, ns. */
  store: Recorder
  /** A store the backend refused, ns: what the detour cost before the page went to disk. */
  reject: Recorder
  /** A load by a fault, ns. */
  load: Recorder
  /** One by writeback or repatriation, which may leave the decompression to another thread, ns. */
  take: Recorder
}

export class Frontswap {
  readonly counters: FrontswapCounters = {
    frontswap_loads: 0,
    frontswap_succ_stores: 0,
    frontswap_failed_stores: 0,
    frontswap_invalidates: 0,
  }
  private readonly map: Uint8Array
  /** Slots whose copy is in the backend now. */
  pages = 0
  /** Whether a load leaves no copy in the backend. */
  readonly exclusive: boolean
  /** Whether a page the backend has taken is written to disk all the same. */
  readonly writethrough: boolean
  private readonly backend: Backend
  private readonly clock: Clock
  private readonly meters: FrontswapMeters

  constructor(backend: Backend, slots: number, clock: Clock, meters: FrontswapMeters) {
    this.backend = backend
    this.exclusive = backend.exclusive ?? true
    this.writethrough = backend.writethrough ?? false
    this.map = new Uint8Array(slots)
    this.clock = clock
    this.meters = meters
  }

  has(slot: number): boolean {
    return this.map[slot] === 1
  }

  /** The first slot from this one on that the backend holds; -1 for none. */
  next(slot: number): number {
    return this.pages === 0 ? -1 : this.map.indexOf(1, slot)
  }

  /** Whether the backend asks for a clean page that is about to be dropped. */
  wantsClean(slot: number): boolean {
    return this.backend.wantsClean?.(slot) ?? false
  }

  diskFault(slot: number, pages: number): void {
    this.backend.diskFault?.(slot, pages)
  }

  /** Called from swap-out with the page in the swap cache. False: the caller writes it to disk, and no old copy is left. */
  store(slot: number, frame: number): boolean {
    const start = this.clock.now()
    if (this.backend.store(slot, frame)) {
      if (this.map[slot] === 0) {
        this.map[slot] = 1
        this.pages++
      }
      this.counters.frontswap_succ_stores++
      this.meters.store.record(this.clock.now() - start)
      return true
    }
    if (this.map[slot] === 1) {
      this.map[slot] = 0
      this.pages--
      this.backend.invalidatePage(slot)
    }
    this.counters.frontswap_failed_stores++
    this.meters.reject.record(this.clock.now() - start)
    return false
  }

  /** For a fault. Where gets are exclusive the frame holds the only copy after true, and must be treated as dirty. */
  load(slot: number, frame: number): boolean {
    return this.get(slot, frame, this.exclusive, this.meters.load)
  }

  /** For whoever moves the page elsewhere: the frame holds the only copy after true. */
  take(slot: number, frame: number): boolean {
    return this.get(slot, frame, true, this.meters.take)
  }

  private get(slot: number, frame: number, take: boolean, meter: Recorder): boolean {
    if (this.map[slot] === 0) return false
    const start = this.clock.now()
    if (!this.backend.load(slot, frame, take)) return false
    if (take) {
      this.map[slot] = 0
      this.pages--
    }
    this.counters.frontswap_loads++
    meter.record(this.clock.now() - start)
    return true
  }

  invalidatePage(slot: number): void {
    if (this.map[slot] === 0) return
    this.map[slot] = 0
    this.pages--
    this.backend.invalidatePage(slot)
    this.counters.frontswap_invalidates++
  }

  /** The backend's copy has moved to the slot's place on disk. */
  movedToDisk(slot: number): void {
    this.map[slot] = 0
    this.pages--
  }

  invalidateArea(): void {
    this.backend.invalidateArea()
    this.map.fill(0)
    this.pages = 0
  }
}
