import {
  type Backend,
  type Clock,
  type CoreMm,
  type Recorder,
  WRITEBACK_EXISTS,
  WRITEBACK_GONE,
  WRITEBACK_NO_FRAME,
} from '../mm/index.ts'
import type { PageCodec } from './codec.ts'
import type { Policy, PoolView } from './policies/index.ts'
import { TMEM_MISS, Tmem } from './tmem.ts'
import { ZBUD_MAX_ZPAGE_BYTES, Zbud } from './zbud.ts'

/**
 * zcache: a frontswap backend that keeps swap pages compressed in RAM, in one persistent tmem pool over zbud, and may write
 * the oldest ones back to the swap area.
 *
 * A store never starts a writeback (store -> writeback -> store would recurse): writeback runs from reclaim, through
 * `shrink`. A page being written back passes through the swap cache of core mm, where a fault finds it at any moment.
 */

/** Larger zpages are refused: 7/8 of a page (zcache2 zbud_max_zsize). */
export const MAX_ZPAGE_BYTES = 3584
/** Above this, 5/8 of a page, a zpage is refused while the pool's mean is above it too (zcache2 zbud_max_mean_zsize). */
export const MAX_MEAN_ZPAGE_BYTES = 2560
/** Slots are spread over 256 tmem objects (SWIZ_BITS of zcache): a bound on the length of one flush. */
const SWIZZLE_BITS = 8
const SWIZZLE_MASK = (1 << SWIZZLE_BITS) - 1

/** zcache2's debugfs names, and below them what it did not count. */
export interface ZcacheCounters {
  failed_pers_puts: number
  failed_get_free_pages: number
  failed_alloc: number
  compress_poor: number
  mean_compress_poor: number
  pers_pageframes: number
  pers_pageframes_max: number
  pers_zpages: number
  pers_zpages_max: number
  pers_zbytes: number
  pers_zbytes_max: number
  pageframes_alloced: number
  pageframes_freed: number
  outstanding_writeback_pages: number
  writtenback_pages: number
  /** Stores refused because the pool was at its limit: the younger page goes to disk while older ones stay. */
  age_inversions: number
  /** Frames whose zpages were all written back. */
  writeback_frames: number
  writeback_errors: number
  writeback_skipped_swapcache: number
  writeback_skipped_gone: number
  writeback_skipped_no_frame: number
  writeback_skipped_cap: number
}

export interface ZcacheMeters {
  /** One page written back, from its decompression to the end of its write (and sync, as far as asked), ns. */
  writeback: Recorder
  /** The part of it that finds a frame and decompresses, ns. */
  writebackDecompress: Recorder
}

export interface ZcacheOptions {
  /** Frames of the arena. */
  frames: number
  slots: number
  /** Most frames of the pool. */
  poolLimit: number
  /** null: writeback is off, a full pool refuses. */
  policy: Policy | null
  /** Most pages being written back at once. */
  inflight: number
}

/** Frames a lane with writeback keeps aside: two for every page under way, one for each zpage of a victim frame. */
export function reserveFrames(inflight: number): number {
  return 2 * inflight
}

/** Radix nodes for any set of `slots` slots: a leaf for each 64 indices of an object, inner nodes, and slack for one put. */
function nodesFor(slots: number): number {
  const perObject = Math.ceil(slots / (SWIZZLE_MASK + 1) / 64)
  const inner = perObject === 1 ? 0 : Math.ceil(perObject / 63) + 2
  return (SWIZZLE_MASK + 1) * (perObject + inner) + 16
}

/** Bytes of bookkeeping a zcache of this shape needs: charged to the lane's RAM. */
export function zcacheMetadataBytes(slots: number, poolLimit: number): number {
  return Tmem.bytes(nodesFor(slots)) + Zbud.metadataBytes(poolLimit) + Math.ceil(slots / 8) // frontswap's map, one bit a slot
}

export class Zcache implements Backend, PoolView {
  readonly counters: ZcacheCounters = {
    failed_pers_puts: 0,
    failed_get_free_pages: 0,
    failed_alloc: 0,
    compress_poor: 0,
    mean_compress_poor: 0,
    pers_pageframes: 0,
    pers_pageframes_max: 0,
    pers_zpages: 0,
    pers_zpages_max: 0,
    pers_zbytes: 0,
    pers_zbytes_max: 0,
    pageframes_alloced: 0,
    pageframes_freed: 0,
    outstanding_writeback_pages: 0,
    writtenback_pages: 0,
    age_inversions: 0,
    writeback_frames: 0,
    writeback_errors: 0,
    writeback_skipped_swapcache: 0,
    writeback_skipped_gone: 0,
    writeback_skipped_no_frame: 0,
    writeback_skipped_cap: 0,
  }
  readonly zbud: Zbud
  readonly tmem: Tmem
  readonly poolLimit: number

  private readonly core: CoreMm
  private readonly codec: PageCodec
  private readonly clock: Clock
  private readonly meters: ZcacheMeters
  private readonly policy: Policy | null
  private readonly inflight: number
  private readonly generations: Uint32Array
  private readonly swapPool: number
  private readonly victims = new Int32Array(2)
  /** By the frame that is being written, ns. */
  private readonly writebackStart: Float64Array
  private storing = false

  /**
   * @param parts.arena bytes of the frames, for the handles beside the zpages
   * @param parts.generations generation of each slot, bumped when it is freed (SlotMap.generation)
   */
  constructor(
    core: CoreMm,
    options: ZcacheOptions,
    parts: { codec: PageCodec; arena: Uint8Array; generations: Uint32Array; clock: Clock; meters: ZcacheMeters },
  ) {
    this.core = core
    this.codec = parts.codec
    this.clock = parts.clock
    this.meters = parts.meters
    this.policy = options.policy
    this.poolLimit = options.poolLimit
    this.inflight = options.inflight
    this.generations = parts.generations
    this.zbud = new Zbud(options.frames, parts.arena)
    this.tmem = new Tmem(nodesFor(options.slots), (zpage) => this.release(zpage))
    this.swapPool = this.tmem.newPool('persistent')
    this.writebackStart = new Float64Array(options.frames)
  }

  get poolFrames(): number {
    return this.counters.pers_pageframes
  }

  get outstanding(): number {
    return this.counters.outstanding_writeback_pages
  }

  // --- Backend -------------------------------------------------------------------------------------------------------

  store(slot: number, frame: number): boolean {
    this.storing = true
    const stored = this.put(slot, frame)
    this.storing = false
    if (!stored) {
      this.counters.failed_pers_puts++
      // A refused put must leave no stale copy, whoever calls.
      this.tmem.flushPage(this.swapPool, slot & SWIZZLE_MASK, slot >>> SWIZZLE_BITS)
    }
    return stored
  }

  load(slot: number, frame: number): boolean {
    const zpage = this.tmem.take(this.swapPool, slot & SWIZZLE_MASK, slot >>> SWIZZLE_BITS)
    if (zpage === TMEM_MISS) return false
    this.codec.decompress(this.zbud.dataOffset(zpage), this.zbud.bytesOf(zpage), frame)
    this.release(zpage)
    return true
  }

  invalidatePage(slot: number): void {
    this.tmem.flushPage(this.swapPool, slot & SWIZZLE_MASK, slot >>> SWIZZLE_BITS)
  }

  invalidateArea(): void {
    for (let oid = 0; oid <= SWIZZLE_MASK; oid++) this.tmem.flushObject(this.swapPool, oid)
  }

  shrink(): number {
    if (this.policy === null) return 0
    if (this.storing) throw new Error('writeback was started from inside a store')
    let frames = this.policy.onReclaim(this)
    let pages = 0
    while (frames-- > 0) {
      const started = this.writebackOldestFrame()
      if (started === 0) break
      pages += started
    }
    return pages
  }

  writebackDone(_slot: number, frame: number, ok: boolean): void {
    this.counters.outstanding_writeback_pages--
    if (ok) this.counters.writtenback_pages++
    else this.counters.writeback_errors++
    this.meters.writeback.record(this.clock.now() - this.writebackStart[frame])
  }

  /** Where a slot's zpage lies in the arena, without taking it; for calibration. @throws Error where there is none */
  peek(slot: number): { offset: number; bytes: number } {
    const zpage = this.tmem.get(this.swapPool, slot & SWIZZLE_MASK, slot >>> SWIZZLE_BITS)
    if (zpage === TMEM_MISS) throw new Error(`slot ${slot} has no zpage`)
    return { offset: this.zbud.dataOffset(zpage), bytes: this.zbud.bytesOf(zpage) }
  }

  // --- Put -----------------------------------------------------------------------------------------------------------

  private put(slot: number, frame: number): boolean {
    const counters = this.counters
    if (!this.tmem.canPut()) {
      counters.failed_alloc++
      return false
    }
    const bytes = this.codec.compress(frame, MAX_ZPAGE_BYTES)
    if (bytes === 0) {
      counters.compress_poor++
      return false
    }
    // The mean is the pool's as it stands, without the candidate, and only a poor candidate is held against it.
    if (
      bytes > MAX_MEAN_ZPAGE_BYTES &&
      counters.pers_zpages > 0 &&
      counters.pers_zbytes > MAX_MEAN_ZPAGE_BYTES * counters.pers_zpages
    ) {
      counters.mean_compress_poor++
      return false
    }
    let home = this.zbud.match(bytes)
    if (home < 0) {
      if (counters.pers_pageframes >= this.poolLimit) {
        counters.age_inversions++
        counters.failed_get_free_pages++
        return false
      }
      home = this.core.allocFrame()
      if (home < 0) {
        counters.failed_get_free_pages++
        return false
      }
      counters.pageframes_alloced++
      if (++counters.pers_pageframes > counters.pers_pageframes_max)
        counters.pers_pageframes_max = counters.pers_pageframes
    }
    const zpage = this.zbud.create(home, bytes, slot, this.generations[slot])
    this.codec.place(bytes, this.zbud.dataOffset(zpage))
    if (++counters.pers_zpages > counters.pers_zpages_max) counters.pers_zpages_max = counters.pers_zpages
    counters.pers_zbytes += bytes
    if (counters.pers_zbytes > counters.pers_zbytes_max) counters.pers_zbytes_max = counters.pers_zbytes
    this.tmem.put(this.swapPool, slot & SWIZZLE_MASK, slot >>> SWIZZLE_BITS, zpage)
    return true
  }

  private release(zpage: number): void {
    this.counters.pers_zpages--
    this.counters.pers_zbytes -= this.zbud.bytesOf(zpage)
    const frame = this.zbud.free(zpage)
    if (frame < 0) return
    this.counters.pers_pageframes--
    this.counters.pageframes_freed++
    this.core.freeFrame(frame)
  }

  // --- Writeback -----------------------------------------------------------------------------------------------------

  /** Starts the writes of the oldest frame's zpages. Returns how many; 0 where nothing can be started now. */
  private writebackOldestFrame(): number {
    const frame = this.zbud.oldest()
    if (frame < 0) return 0
    if (this.outstanding + 2 > this.inflight) {
      this.counters.writeback_skipped_cap++
      return 0
    }
    if (this.core.reserveFree < 2) {
      this.counters.writeback_skipped_no_frame++
      return 0
    }
    const count = this.zbud.makeZombie(frame, this.victims)
    let started = 0
    let left = 0
    for (let i = 0; i < count; i++) {
      if (this.writebackZpage(this.victims[i])) started++
      else left++
    }
    if (left > 0 && this.zbud.bytesOf(frame * 2) + this.zbud.bytesOf(frame * 2 + 1) > 0) this.zbud.revive(frame)
    else this.counters.writeback_frames++
    return started
  }

  private writebackZpage(zpage: number): boolean {
    const slot = this.zbud.slotOf(zpage)
    if (this.zbud.generationOf(zpage) !== this.generations[slot])
      throw new Error(`slot ${slot} was freed and reused, and its old zpage is still in the pool`)
    const start = this.clock.now()
    const page = this.core.readForWriteback(slot)
    switch (page) {
      case WRITEBACK_EXISTS:
        this.counters.writeback_skipped_swapcache++
        return false
      case WRITEBACK_NO_FRAME:
        this.counters.writeback_skipped_no_frame++
        return false
      case WRITEBACK_GONE:
        this.counters.writeback_skipped_gone++
        return false
    }
    this.meters.writebackDecompress.record(this.clock.now() - start)
    this.writebackStart[page] = start
    this.counters.outstanding_writeback_pages++
    this.core.writeback(slot, page)
    return true
  }

  // --- Books ---------------------------------------------------------------------------------------------------------

  /** What is wrong with the books, in sentences; empty when all is well. `atRest`: nothing may be under way. */
  audit(atRest: boolean): string[] {
    const wrong: string[] = []
    const { counters } = this
    const zbud = this.zbud.counters
    if (Math.abs(counters.pageframes_alloced - counters.pageframes_freed - counters.pers_pageframes) > 2)
      wrong.push(
        `${counters.pageframes_alloced} frames allocated, ${counters.pageframes_freed} freed, ${counters.pers_pageframes} held`,
      )
    if (zbud.zbud_pers_pageframes !== counters.pers_pageframes || zbud.zbud_pers_zpages !== counters.pers_zpages)
      wrong.push(`zbud holds ${zbud.zbud_pers_zpages} zpages, zcache counts ${counters.pers_zpages}`)
    if (
      zbud.zbud_pers_buddied_count + zbud.zbud_pers_unbuddied_count + zbud.zbud_pers_zombie_count !==
      zbud.zbud_pers_pageframes
    )
      wrong.push('buddied, unbuddied and zombie frames do not add up')
    if (atRest && counters.outstanding_writeback_pages !== 0)
      wrong.push(`${counters.outstanding_writeback_pages} writebacks outstanding at rest`)
    if (atRest && zbud.zbud_pers_zombie_count !== 0) wrong.push(`${zbud.zbud_pers_zombie_count} zombie frames at rest`)
    return wrong
  }
}

export { ZBUD_MAX_ZPAGE_BYTES }
