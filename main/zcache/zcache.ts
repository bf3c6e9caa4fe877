import type { Backend, Clock, CoreMm } from '../mm/index.ts'
import type { PageCodec } from './codec.ts'
import { newCounters, type ZcacheCounters } from './counters.ts'
import type { Policy } from './policies/index.ts'
import { TMEM_MISS, Tmem } from './tmem.ts'
import { Writeback, type ZcacheMeters } from './writeback.ts'
import { Zbud } from './zbud.ts'
import { Zpages } from './zpages.ts'

/**
 * zcache: a frontswap backend that keeps swap pages compressed in RAM, in one persistent tmem pool over zbud, and may write
 * old ones back to the swap area (writeback.ts).
 */

/** Larger zpages are refused: 7/8 of a page (zcache2 zbud_max_zsize). */
export const MAX_ZPAGE_BYTES = 3584
/** Above this, 5/8 of a page, a zpage is refused while the pool's mean is above it too (zcache2 zbud_max_mean_zsize). */
export const MAX_MEAN_ZPAGE_BYTES = 2560
/** Slots are spread over 256 tmem objects (SWIZ_BITS of zcache): a bound on the length of one flush. */
const SWIZZLE_BITS = 8
const SWIZZLE_MASK = (1 << SWIZZLE_BITS) - 1
/** Time seen by policies moves in steps of this, ns. */
const TICK_NS = 1e6

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
  /** What a store does when the pool is full and the policy gave no room: go to disk, or wait for writeback. */
  full: 'bypass' | 'wait'
  /** Most bytes written back, as an average since the trial's start; null is no limit. */
  budgetBytesPerDay: number | null
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
  const frontswapMap = Math.ceil(slots / 8)
  return Tmem.bytes(nodesFor(slots)) + Zbud.metadataBytes(poolLimit) + Zpages.bytes(2 * poolLimit) + frontswapMap
}

export class Zcache implements Backend {
  readonly counters: ZcacheCounters = newCounters()
  readonly zbud: Zbud
  readonly tmem: Tmem

  private readonly core: CoreMm
  private readonly codec: PageCodec
  private readonly poolLimit: number
  private readonly waitsWhenFull: boolean
  private readonly generations: Uint32Array
  private readonly swapPool: number
  private readonly zpages: Zpages
  private readonly writeback: Writeback | null
  private nextTick = 0
  private now: number
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
    this.poolLimit = options.poolLimit
    this.waitsWhenFull = options.full === 'wait'
    this.generations = parts.generations
    this.now = parts.clock.now()
    this.zbud = new Zbud(options.frames, parts.arena)
    this.zpages = new Zpages(2 * options.frames)
    this.tmem = new Tmem(nodesFor(options.slots), (zpage) => this.release(zpage))
    this.swapPool = this.tmem.newPool('persistent')
    this.writeback =
      options.policy &&
      new Writeback(options, options.policy, {
        core,
        zbud: this.zbud,
        zpages: this.zpages,
        counters: this.counters,
        generations: parts.generations,
        clock: parts.clock,
        meters: parts.meters,
      })
  }

  // --- Backend -------------------------------------------------------------------------------------------------------

  store(slot: number, frame: number): boolean {
    this.storing = true
    const stored = this.put(slot, frame)
    this.storing = false
    if (stored) {
      this.counters.succ_pers_puts++
    } else {
      this.counters.failed_pers_puts++
      // A refused put must leave no stale copy, whoever calls.
      this.tmem.flushPage(this.swapPool, slot & SWIZZLE_MASK, slot >>> SWIZZLE_BITS)
    }
    return stored
  }

  load(slot: number, frame: number): boolean {
    const zpage = this.tmem.take(this.swapPool, slot & SWIZZLE_MASK, slot >>> SWIZZLE_BITS)
    if (zpage === TMEM_MISS) return false
    this.writeback?.onLoad(zpage)
    this.codec.decompress(this.zbud.dataOffset(zpage), this.zbud.bytesOf(zpage), frame)
    this.release(zpage)
    this.counters.pers_gets++
    return true
  }

  invalidatePage(slot: number): void {
    this.tmem.flushPage(this.swapPool, slot & SWIZZLE_MASK, slot >>> SWIZZLE_BITS)
  }

  invalidateArea(): void {
    for (let oid = 0; oid <= SWIZZLE_MASK; oid++) this.tmem.flushObject(this.swapPool, oid)
  }

  shrink(): number {
    if (this.storing) throw new Error('the shrinker was called from inside a store')
    return this.writeback?.onReclaim() ?? 0
  }

  tick(now: number): void {
    this.now = now
    if (now < this.nextTick) return
    this.nextTick = now + TICK_NS
    this.writeback?.onTick()
  }

  writebackDone(_slot: number, frame: number, ok: boolean): void {
    this.writeback?.done(frame, ok)
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
    if (this.writeback && !this.writeback.admits(bytes)) {
      counters.policy_rejects++
      return false
    }
    let home = this.zbud.match(bytes)
    if (home < 0) {
      home = this.freshFrame(bytes)
      if (home < 0) {
        counters.failed_get_free_pages++
        return false
      }
    }
    const zpage = this.zbud.create(home, bytes, slot, this.generations[slot])
    this.codec.place(bytes, this.zbud.dataOffset(zpage))
    this.zpages.add(zpage, this.now)
    if (++counters.pers_zpages > counters.pers_zpages_max) counters.pers_zpages_max = counters.pers_zpages
    counters.pers_zbytes += bytes
    if (counters.pers_zbytes > counters.pers_zbytes_max) counters.pers_zbytes_max = counters.pers_zbytes
    this.tmem.put(this.swapPool, slot & SWIZZLE_MASK, slot >>> SWIZZLE_BITS, zpage)
    return true
  }

  /** A frame for a zpage that found no match: a new one under the limit, or whatever writing back makes room for; -1. */
  private freshFrame(bytes: number): number {
    const { counters, writeback } = this
    if (counters.pers_pageframes >= this.poolLimit) {
      if (writeback) {
        writeback.onFull()
        // The compressed page waits in the scratch area meanwhile: decompression does not use it.
        while (this.waitsWhenFull && counters.pers_pageframes >= this.poolLimit && writeback.makeRoom());
        const match = this.zbud.match(bytes)
        if (match >= 0) return match
      }
      if (counters.pers_pageframes >= this.poolLimit) {
        counters.age_inversions++
        return -1
      }
    }
    const frame = this.core.allocFrame()
    if (frame < 0) return -1
    counters.pageframes_alloced++
    if (++counters.pers_pageframes > counters.pers_pageframes_max)
      counters.pers_pageframes_max = counters.pers_pageframes
    return frame
  }

  private release(zpage: number): void {
    this.counters.pers_zpages--
    this.counters.pers_zbytes -= this.zbud.bytesOf(zpage)
    this.zpages.remove(zpage)
    const frame = this.zbud.free(zpage)
    if (frame < 0) return
    this.counters.pers_pageframes--
    this.counters.pageframes_freed++
    this.core.freeFrame(frame)
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
    let listed = 0
    for (let zpage = this.zpages.oldest(); zpage >= 0; zpage = this.zpages.younger(zpage)) listed++
    if (listed !== counters.pers_zpages)
      wrong.push(`${listed} zpages are listed by age, ${counters.pers_zpages} counted`)
    if (atRest && counters.outstanding_writeback_pages !== 0)
      wrong.push(`${counters.outstanding_writeback_pages} writebacks outstanding at rest`)
    if (atRest && zbud.zbud_pers_zombie_count !== 0) wrong.push(`${zbud.zbud_pers_zombie_count} zombie frames at rest`)
    return wrong
  }
}
