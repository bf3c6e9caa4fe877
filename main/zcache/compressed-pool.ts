import type { Backend, CoreMm } from '../mm/index.ts'
import type { ZpageArea } from '../swapfile/index.ts'
import type { Allocator, ByteMover } from './allocators/index.ts'
import type { Decompressor, PageCodec } from './codec.ts'
import { newCounters, type PoolCounters } from './counters.ts'
import type { EphemeralPool } from './ephemeral-pool.ts'
import type { Policy } from './policies/index.ts'
import { PoolFrames } from './pool-frames.ts'
import { NO_ZPAGE, type PoolIndex } from './pool-index.ts'
import type { PoolCore, PoolOptions, PoolParts, PoolShape } from './pool-shape.ts'
import { Recompression } from './recompression.ts'
import { Writeback } from './writeback.ts'
import { Zpages } from './zpages.ts'

/**
 * A frontswap backend that keeps swap pages compressed in frames of RAM and may write old ones back to the swap area
 * (writeback.ts). What makes it zcache or zswap is a PoolShape (pool-shape.ts): allocator, index and gates.
 */

const PAGE_BYTES = 4096
/** Time seen by policies moves in steps of this, ns. */
const TICK_NS = 1e6

export class CompressedPool implements Backend {
  readonly exclusive: boolean
  readonly frontswap: boolean
  readonly writethrough: boolean
  readonly counters: PoolCounters = newCounters()
  readonly allocator: Allocator
  readonly index: PoolIndex
  /** Null where no clean pages of files are kept. */
  readonly cleancache: EphemeralPool | null
  /** Pages kept as they are: now, and all that were ever taken so. */
  rawPages = 0
  rawStores = 0
  /** Null where no second codec is used. */
  readonly recompression: Recompression | null

  private readonly core: PoolCore
  private readonly codec: PageCodec
  private readonly poolFrames: PoolFrames
  private readonly waitsWhenFull: boolean
  private readonly maxZpageBytes: number
  private readonly maxMeanZpageBytes: number
  private readonly keepsRaw: boolean
  private readonly activeOnly: boolean
  private readonly generations: Uint32Array
  /** Null where nothing asks for the order of the stores: a list costs as many misses of the cache as a look into the index. */
  private readonly zpages: Zpages | null
  private readonly writeback: Writeback | null
  private readonly decompressor: Decompressor | null
  private readonly area: ZpageArea | null
  private nextTick = 0
  private now: number
  private storing = false
  private frozen = false

  /**
   * @param writeback what decides it, and the core mm it goes through; null: no page ever leaves towards the swap area
   * @throws RangeError where shape and options do not go together
   */
  constructor(
    core: PoolCore,
    shape: PoolShape,
    options: Omit<PoolOptions, 'policy'>,
    parts: PoolParts,
    writeback: { policy: Policy; core: CoreMm } | null,
  ) {
    const { allocator: entry, maxZpageBytes, maxMeanZpageBytes } = shape
    this.core = core
    this.exclusive = shape.exclusiveGets
    this.frontswap = shape.frontswap ?? true
    this.writethrough = shape.writethrough ?? false
    this.codec = parts.codec
    this.waitsWhenFull = options.full === 'wait'
    this.maxZpageBytes = Math.min(maxZpageBytes, entry.maxZpageBytes, PAGE_BYTES - 1)
    this.maxMeanZpageBytes = maxMeanZpageBytes ?? Number.POSITIVE_INFINITY
    this.keepsRaw = shape.incompressible === 'raw'
    if (this.keepsRaw && entry.maxZpageBytes < PAGE_BYTES)
      throw new RangeError(`${entry.name} takes at most ${entry.maxZpageBytes} bytes: it cannot keep a page raw`)
    this.activeOnly = shape.activeOnly ?? false
    this.generations = parts.generations
    this.area = parts.zpageArea ?? null
    this.decompressor = parts.decompressor ?? null
    this.now = parts.clock.now()
    this.index = shape.createIndex(options.slots, (zpage) => this.release(zpage))
    this.cleancache = shape.createEphemeral?.(this.counters) ?? null
    this.poolFrames = new PoolFrames(core, options.poolLimit, this.cleancache, this.counters)
    this.allocator = entry.create({
      frames: options.frames,
      poolFrames: options.poolLimit,
      zpages: options.slots,
      source: this.poolFrames,
      mover: this.decompressor ? patientMover(parts.mover, this.decompressor) : parts.mover,
      arena: parts.arena,
      bounce: parts.bounce,
    })
    const zpages = writeback || shape.recompress || shape.oldestAsked ? new Zpages(this.allocator.descriptors) : null
    this.zpages = zpages
    if (shape.recompress && (!parts.second || this.area || this.allocator.gives !== 'compaction'))
      throw new RangeError('recompression needs a second codec and an allocator that compacts, and writes no zpages')
    this.recompression =
      shape.recompress && parts.second && zpages
        ? new Recompression(parts.codec, parts.second, shape.recompress, { allocator: this.allocator, zpages })
        : null
    this.writeback =
      writeback &&
      zpages &&
      new Writeback(options, writeback.policy, {
        core: writeback.core,
        allocator: this.allocator,
        zpagesPerFrame: entry.gives === 'frame' ? entry.zpagesPerFrame : 1,
        zpages,
        index: this.index,
        counters: this.counters,
        generations: parts.generations,
        clock: parts.clock,
        meters: parts.meters,
        area: this.area,
        decompressor: this.decompressor,
        forget: (slot) => this.index.flush(slot),
      })
  }

  // --- Backend -------------------------------------------------------------------------------------------------------

  store(slot: number, frame: number): boolean {
    const { counters } = this
    this.dropStaged(slot)
    if (this.activeOnly && !this.core.wasActive(frame)) counters.pers_nonactive_puts_ignored++
    else if (this.frozen) counters.put_to_flush++
    else {
      this.storing = true
      const stored = this.put(slot, frame)
      this.storing = false
      if (stored) {
        counters.succ_pers_puts++
        return true
      }
      counters.failed_pers_puts++
    }
    // A refused put must leave no stale copy, whoever calls.
    this.index.flush(slot)
    return false
  }

  /** Of a page that needs no room here: whether its store is refused all the same. Then no older copy of the slot is left. */
  refuses(slot: number): boolean {
    if (!this.turnsAway()) return false
    this.counters.failed_pers_puts++
    this.invalidatePage(slot)
    return true
  }

  load(slot: number, frame: number, take: boolean): boolean {
    const zpage = take ? this.index.take(slot) : this.index.get(slot)
    if (zpage === NO_ZPAGE) return this.loadStaged(slot, frame, take)
    this.writeback?.onLoad(zpage, slot)
    const bytes = this.allocator.bytesOf(zpage)
    const offset = this.allocator.locate(zpage)
    const codec = this.recompression === null ? this.codec : this.recompression.codecOf(zpage)
    const beside = this.writeback?.loadsBeside ? this.decompressor : null
    if (beside !== null && codec === this.codec && bytes < PAGE_BYTES) beside.post(offset, bytes, frame)
    else {
      // A zpage whose turn has not come may still lie in this frame.
      beside?.wait(0)
      // No codec gives 4096 bytes: those are the page itself.
      if (bytes === PAGE_BYTES) codec.loadRaw(offset, frame)
      else codec.decompress(offset, bytes, frame)
    }
    if (take) this.release(zpage)
    this.counters.pers_gets++
    return true
  }

  /**
   * Has the second codec try these zpages. As many frames as it made smaller come free at most, by compaction: elsewhere what it leaves free is for
   * later stores. Not to be called from a store.
   */
  recompress(zpages: readonly number[]): void {
    const { allocator, counters, index, recompression } = this
    if (!recompression || this.storing) throw new Error('nothing is recompressed here, or not now')
    let smaller = 0
    for (const zpage of zpages) {
      const fresh = recompression.try(zpage)
      if (fresh < 0) continue
      smaller++
      const old = allocator.bytesOf(zpage)
      const slot = allocator.slotOf(zpage)
      index.take(slot)
      index.put(slot, fresh)
      counters.pers_zbytes += allocator.bytesOf(fresh) - old
      if (old === PAGE_BYTES) this.rawPages--
      allocator.free(zpage)
    }
    if (smaller > 0 && allocator.gives === 'compaction') allocator.compact(smaller)
  }

  /** A zpage whose write has not ended is read where it is staged. */
  private loadStaged(slot: number, frame: number, take: boolean): boolean {
    const { area, counters } = this
    const id = area?.stagedOf(slot) ?? -1
    if (!area || id < 0) return false
    this.codec.decompress(area.stagedOffset(id), area.stagedBytes(id), frame)
    if (take) area.discard(slot)
    this.writeback?.onStagedLoad()
    counters.pers_gets++
    counters.staged_loads++
    return true
  }

  invalidatePage(slot: number): void {
    this.index.flush(slot)
    this.dropStaged(slot)
  }

  invalidateArea(): void {
    this.index.flushAll()
    if (this.area) for (let slot = 0; slot < this.generations.length; slot++) this.dropStaged(slot)
  }

  readBack(slot: number, along: Int32Array): number {
    if (!this.area) throw new Error(`slot ${slot} is read back, and no zpage was written`)
    this.counters.zpage_block_reads++
    return this.area.readBlock(slot, along)
  }

  fillReadBack(slot: number, frame: number): void {
    if (!this.area) throw new Error(`slot ${slot} is read back, and no zpage was written`)
    this.codec.decompress(this.area.readOffset(slot), this.area.readBytes(slot), frame)
    this.counters.zpages_read_back++
  }

  private dropStaged(slot: number): void {
    if (this.area && this.area.stagedOf(slot) >= 0) this.area.discard(slot)
  }

  diskFault(slot: number, pages: number): void {
    this.writeback?.onDiskFault(slot, pages)
  }

  wantsClean(slot: number): boolean {
    return this.writeback?.wantsClean(slot) ?? false
  }

  shrink(target: number): number {
    if (this.storing) throw new Error('the shrinker was called from inside a store')
    const dropped = this.cleancache?.shrink() ?? 0
    return dropped + (this.writeback?.onReclaim(target, dropped) ?? 0)
  }

  /** While frozen every put of either kind fails and only drops the copy it would have replaced (zcache_freeze). */
  freeze(on: boolean): void {
    this.frozen = on
    if (this.cleancache) this.cleancache.frozen = on
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

  /** The slot of the oldest zpage; -1 where there is none. @throws Error where the shape did not say that it would be asked */
  oldestSlot(): number {
    if (this.zpages === null) throw new Error('no order of the stores is kept here')
    const zpage = this.zpages.oldest()
    return zpage < 0 ? -1 : this.allocator.slotOf(zpage)
  }

  /** The zpage stored after this one, or of -1 the oldest; -1 where there is none. @throws Error as oldestSlot */
  younger(zpage: number): number {
    if (this.zpages === null) throw new Error('no order of the stores is kept here')
    return zpage < 0 ? this.zpages.oldest() : this.zpages.younger(zpage)
  }

  /** Where a slot's zpage lies in the arena, without taking it; null where there is none. For calibration. */
  peek(slot: number): { offset: number; bytes: number } | null {
    const zpage = this.index.get(slot)
    if (zpage === NO_ZPAGE) return null
    return { offset: this.allocator.locate(zpage), bytes: this.allocator.bytesOf(zpage) }
  }

  /** Whether a policy decides here; without one nobody tells loads by faults from others. */
  get hasPolicy(): boolean {
    return this.writeback !== null
  }

  /** Frames of both kinds. */
  get frames(): number {
    return this.poolFrames.count
  }

  /** Most frames of the persistent kind since clearPeaks. */
  get peakFrames(): number {
    return this.poolFrames.peak
  }

  /** From here on the most frames of either kind are sought anew; zcache2's own, in `_max`, are the largest ever. */
  clearPeaks(): void {
    this.poolFrames.clearPeak()
    this.cleancache?.clearPeak()
  }

  // --- Put -----------------------------------------------------------------------------------------------------------

  private put(slot: number, frame: number): boolean {
    const { counters, codec } = this
    if (!this.index.canPut()) {
      counters.failed_alloc++
      return false
    }
    if (this.turnsAway()) return false
    let from = this.allocator.likelyPlace()
    if (from < 0) from = codec.scratch
    let bytes = codec.compress(frame, from, this.maxZpageBytes)
    if (bytes === 0) {
      if (!this.keepsRaw) {
        counters.compress_poor++
        return false
      }
      bytes = PAGE_BYTES
      from = codec.keepRaw(frame)
    }
    // The mean is the pool's as it stands, without the candidate, in whole bytes; and only a poor candidate is held against it.
    if (
      bytes > this.maxMeanZpageBytes &&
      counters.pers_zpages > 0 &&
      counters.pers_zbytes >= (this.maxMeanZpageBytes + 1) * counters.pers_zpages
    ) {
      counters.mean_compress_poor++
      return false
    }
    if (this.writeback && !this.writeback.admits(bytes, slot)) {
      counters.policy_rejects++
      return false
    }
    const { poolFrames } = this
    poolFrames.refused = false
    let zpage = this.allocator.alloc(bytes, slot, this.generations[slot])
    if (zpage < 0) {
      if (this.cleancache) zpage = this.allocFromEphemeral(bytes, slot)
      if (zpage < 0 && poolFrames.refused) zpage = this.allocWhenFull(bytes, slot)
      if (zpage < 0) {
        if (!this.cleancache) counters.failed_get_free_pages++
        return false
      }
    }
    this.allocator.place(zpage, from)
    this.zpages?.add(zpage, this.now)
    if (bytes === PAGE_BYTES) {
      this.rawPages++
      this.rawStores++
    }
    if (++counters.pers_zpages > counters.pers_zpages_max) counters.pers_zpages_max = counters.pers_zpages
    counters.pers_zbytes += bytes
    if (counters.pers_zbytes > counters.pers_zbytes_max) counters.pers_zbytes_max = counters.pers_zbytes
    this.index.put(slot, zpage)
    this.writeback?.onStore(zpage)
    return true
  }

  /** Whether the policy refuses a store before anything is done for it; counted. */
  private turnsAway(): boolean {
    const { counters, poolFrames, writeback } = this
    if (!writeback) return false
    if (poolFrames.full && !this.waitsWhenFull && !writeback.passesLimit()) {
      counters.failed_get_free_pages++
      counters.age_inversions++
      return true
    }
    if (writeback.accepts()) return false
    counters.policy_rejects++
    return true
  }

  /**
   * Room in the oldest ephemeral frames, which are dropped for it: one, or as many as a zspage still lacks. -1 where there are too few.
   */
  private allocFromEphemeral(bytes: number, slot: number): number {
    const { allocator, poolFrames } = this
    const most = allocator.framesFor(bytes)
    this.counters.failed_get_free_pages++
    let zpage = -1
    while (zpage < 0 && poolFrames.eating < most && poolFrames.eat())
      zpage = allocator.alloc(bytes, slot, this.generations[slot])
    if (zpage < 0 && poolFrames.eating === most) throw new Error('a put found no room in frames of its own')
    poolFrames.endMeal()
    return zpage
  }

  /** Room at the limit, as far as writing back makes any; -1. The page waits where it was compressed: nothing here uses that. */
  private allocWhenFull(bytes: number, slot: number): number {
    const { allocator, writeback, poolFrames } = this
    const generation = this.generations[slot]
    let zpage = -1
    if (writeback) {
      writeback.onFull()
      poolFrames.refused = false
      zpage = allocator.alloc(bytes, slot, generation)
      while (this.waitsWhenFull && zpage < 0 && poolFrames.refused && writeback.makeRoom()) {
        poolFrames.refused = false
        zpage = allocator.alloc(bytes, slot, generation)
      }
    }
    if (zpage < 0 && poolFrames.refused) this.counters.age_inversions++
    return zpage
  }

  private release(zpage: number): void {
    const bytes = this.allocator.bytesOf(zpage)
    this.counters.pers_zpages--
    this.counters.pers_zbytes -= bytes
    if (bytes === PAGE_BYTES) this.rawPages--
    this.recompression?.forget(zpage)
    this.zpages?.remove(zpage)
    this.allocator.free(zpage)
  }

  // --- Books ---------------------------------------------------------------------------------------------------------

  /** What is left although every page has been given up (Mm.takeDown), in sentences; empty when all is well. */
  leftovers(): string[] {
    const { obj_count = 0, objnode_count = 0 } = this.index.counters()
    const left = {
      frames: this.frames,
      zpages: this.counters.pers_zpages + (this.cleancache?.counters.eph_zpages ?? 0),
      'objects of tmem': obj_count,
      'nodes of tmem': objnode_count,
    }
    return Object.entries(left).flatMap(([what, count]) => (count === 0 ? [] : [`${count} ${what} are left over`]))
  }

  /** What is wrong with the books, in sentences; empty when all is well. `atRest`: nothing may be under way. */
  audit(atRest: boolean): string[] {
    const { counters, allocator } = this
    const wrong = [
      ...allocator.audit(),
      ...(this.cleancache?.audit() ?? []),
      ...(this.recompression?.audit() ?? []),
      ...this.poolFrames.audit(),
    ]
    if (
      allocator.frames !== counters.pers_pageframes ||
      allocator.zpages !== counters.pers_zpages ||
      allocator.zbytes !== counters.pers_zbytes
    )
      wrong.push(
        `the allocator holds ${allocator.zpages} zpages of ${allocator.zbytes} bytes in ${allocator.frames} frames, ` +
          `the pool counts ${counters.pers_zpages} of ${counters.pers_zbytes} in ${counters.pers_pageframes}`,
      )
    let raw = 0
    for (let zpage = 0; zpage < allocator.descriptors; zpage++) if (allocator.bytesOf(zpage) === PAGE_BYTES) raw++
    const listed = this.zpages?.count() ?? counters.pers_zpages
    if (listed !== counters.pers_zpages)
      wrong.push(`${listed} zpages are listed by age, ${counters.pers_zpages} counted`)
    if (raw !== this.rawPages) wrong.push(`${raw} pages are kept raw, ${this.rawPages} counted`)
    if (!atRest) return wrong
    if (counters.outstanding_writeback_pages !== 0)
      wrong.push(`${counters.outstanding_writeback_pages} writebacks outstanding at rest`)
    if (allocator.gives === 'frame' && allocator.zombies !== 0) wrong.push(`${allocator.zombies} zombie frames at rest`)
    return wrong
  }
}

/** Moves bytes only once no page is to be decompressed from them any more. */
function patientMover(mover: ByteMover, decompressor: Decompressor): ByteMover {
  return {
    move: (to, from, bytes) => {
      decompressor.wait(0)
      mover.move(to, from, bytes)
    },
  }
}
