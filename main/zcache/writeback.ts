import { PAGE_SIZE } from '../contract/index.ts'
import { type Recorder, WRITEBACK_EXISTS, WRITEBACK_GONE, WRITEBACK_NO_FRAME } from '../mm/index.ts'
import { ZPAGE_DISCARDED, ZPAGE_DURABLE, ZPAGE_FAILED, type ZpageArea, type ZpageOutcome } from '../swapfile/index.ts'
import type { FrameAllocator } from './allocators/index.ts'
import type { Decompressor } from './codec.ts'
import type { Future, Policy } from './policies/index.ts'
import { NO_ZPAGE, type PoolIndex } from './pool-index.ts'
import { PoolView, type PoolViewParts } from './pool-view.ts'
import { pullBack } from './pull-back.ts'

/**
 * The way of old zpages to the swap area. A policy says when and how many; each victim is decompressed into the swap cache of core
 * mm, where a fault finds it at any moment, or goes to a block of zpages as it is, where load() finds it. Writes go past frontswap, so a victim is not captured again, and nothing here
 * stores: it may run inside a store that met a full pool.
 *
 * With a decompressor beside the engine the pages of one call are decompressed there, while their books are kept and earlier ones are submitted here. Each
 * call submits all that it has begun before it returns: whoever comes next finds every page whole.
 */

export interface PoolMeters {
  /** One page written back, from its decompression to the end of its write (and sync, as far as asked), ns. */
  writeback: Recorder
  /** The part of it that finds a frame and decompresses, ns. */
  writebackDecompress: Recorder
  /** How long a zpage had been in the pool when its writeback began, ns; known to a millisecond, as stores are. */
  age: Recorder
}

interface Parts extends PoolViewParts {
  /** Most zpages of a victim frame. */
  zpagesPerFrame: number
  index: PoolIndex
  generations: Uint32Array
  meters: PoolMeters
  /** Where zpages are written as they are; null: pages are written. */
  area: ZpageArea | null
  /** Null: the engine decompresses. */
  decompressor: Decompressor | null
  /** Drops a slot's zpage from the pool. */
  forget(slot: number): void
}

const NS_PER_DAY = 86_400e9
const REPATRIATE_WINDOW_NS = 5e9
/** What evictOne and writebackZpage answer for a victim whose page is in RAM: another one may do. */
const RESIDENT = -1
const NO_SLOT = -1
/** Such victims that one call passes over. */
const MAX_RESIDENT = 32
/** Victims from which on a call has them decompressed beside the engine: for fewer, handing over takes longer than it saves. */
const LEAST_BESIDE = 4
/** Pages that may be decompressed there while an earlier one is submitted: as many as a batch has by default. */
const BESIDE = 32

export class Writeback {
  private readonly policy: Policy
  private readonly parts: Parts
  private readonly inflight: number
  /** Null where the policy's victims are zpages. */
  private readonly frames: FrameAllocator | null
  /** Pages one victim may be. */
  private readonly victimPages: number
  private readonly compaction: boolean
  private readonly budgetPerNs: number
  private readonly startedAt: number
  private readonly view: PoolView
  /** Zpages of the victim frame, and the slots of those that are written: NO_SLOT where a page is on disk too. */
  private readonly victims: Int32Array
  private readonly victimSlots: Int32Array
  /** By the frame that is being written, ns. */
  private readonly startOf: Float64Array
  /** By the id of the staged zpage, ns. */
  private readonly stagedAt: Float64Array
  private readonly slots: number
  private readonly clusterPages: number
  /** The call under way has its victims decompressed beside the engine. */
  private handsOver = false
  /** One of them is being loaded. */
  loadsBeside = false
  /** Pages begun and not submitted yet, oldest first (a circle). */
  private readonly begunSlots = new Int32Array(BESIDE)
  private readonly begunFrames = new Int32Array(BESIDE)
  private begunFirst = 0
  private begunCount = 0
  private bytesStarted = 0
  /** A zpage is being moved on the policy's behalf: its load is nobody's fault. */
  private moving = false

  /** @throws RangeError where the policy's victims are frames and the allocator gives none on demand, or inflight holds none */
  constructor(
    options: {
      frames: number
      poolLimit: number
      inflight: number
      budgetBytesPerDay: number | null
      slots: number
      cluster?: number
      compaction: boolean
      future?: Future
    },
    policy: Policy,
    parts: Parts,
  ) {
    const { allocator } = parts
    this.policy = policy
    this.parts = parts
    this.inflight = options.inflight
    this.frames = policy.unit === 'frame' && allocator.gives === 'frame' ? allocator : null
    if (policy.unit === 'frame' && this.frames === null)
      throw new RangeError('the policy evicts whole frames, and the allocator gives back none on demand')
    this.victimPages = this.frames === null ? 1 : parts.zpagesPerFrame
    if (this.victimPages > this.inflight)
      throw new RangeError(`a victim may be ${this.victimPages} pages, and ${this.inflight} may be in flight`)
    this.victims = new Int32Array(this.victimPages)
    this.victimSlots = new Int32Array(this.victimPages)
    this.compaction = options.compaction
    this.budgetPerNs =
      options.budgetBytesPerDay === null ? Number.POSITIVE_INFINITY : options.budgetBytesPerDay / NS_PER_DAY
    this.startedAt = parts.clock.now()
    this.startOf = new Float64Array(options.frames)
    this.slots = options.slots
    this.clusterPages = options.cluster ?? 1
    this.stagedAt = new Float64Array(parts.area?.stagedIds ?? 0)
    if (parts.area) parts.area.onZpage = (slot, id, outcome) => this.zpageDone(slot, id, outcome)
    this.view = new PoolView(parts, options.poolLimit, options.future ?? null)
    policy.begin?.(this.view)
  }

  /**
   * Each returns pages whose write was started.
   * @param target pages reclaim is after
   * @param dropped ephemeral frames that were given back for it already
   */
  onReclaim(target: number, dropped: number): number {
    this.view.wanted = target
    this.view.dropped = dropped
    return this.policy.onReclaim ? this.evict(this.policy.onReclaim(this.view)) : 0
  }

  onTick(): number {
    const { policy, view } = this
    if (policy.repatriate) this.repatriate(policy.repatriate(view))
    return policy.onTick ? this.evict(policy.onTick(view)) : 0
  }

  onFull(): number {
    return this.policy.onFull ? this.evict(this.policy.onFull(this.view)) : 0
  }

  /** A store begins at the limit. False where the policy wants a frame back first, and none came. */
  passesLimit(): boolean {
    const { policy, view } = this
    if (!policy.onLimit) return true
    const { counters } = this.parts
    this.retryFailed()
    const before = counters.pers_pageframes
    for (let tries = policy.onLimit(view); tries > 0 && counters.pers_pageframes === before; tries--)
      if (this.evictOne() === 0) break
    counters.writeback_frames += before - counters.pers_pageframes
    return counters.pers_pageframes < before
  }

  /** A zpage is about to be loaded. */
  onLoad(zpage: number, slot: number): void {
    if (this.moving) return
    this.parts.counters.fault_loads++
    const { policy, view } = this
    if (!policy.onLoad) return
    view.know(zpage, slot)
    policy.onLoad(view, zpage)
    view.know(NO_ZPAGE, 0)
  }

  /** A zpage has been loaded whose write is under way: the policy has seen it go already. */
  onStagedLoad(): void {
    if (!this.moving) this.parts.counters.fault_loads++
  }

  /** A zpage has been stored. */
  onStore(zpage: number): void {
    this.policy.onStore?.(this.view, zpage)
  }

  /** A fault goes to disk. */
  onDiskFault(slot: number, pages: number): void {
    this.policy.onDiskFault?.(this.view, this.parts.core.ownerOf(slot), pages)
  }

  wantsClean(slot: number): boolean {
    return this.policy.keepClean ? this.policy.keepClean(this.view, this.parts.core.ownerOf(slot)) : false
  }

  accepts(): boolean {
    return this.policy.accepts ? this.policy.accepts(this.view) : true
  }

  admits(bytes: number, slot: number): boolean {
    return this.policy.admit ? this.policy.admit(this.view, bytes, this.parts.core.ownerOf(slot)) : true
  }

  /** One more victim, waiting for writes under way where none can be started. False where nothing can be done. */
  makeRoom(): boolean {
    if (this.evict(1) > 0) return true
    const { core, counters, zpages } = this.parts
    const { writeback_errors, writtenback_pages } = counters
    if (core.waitForWrites() === 0) return false
    // A block that fails is written again and again: where nothing else ends, waiting for it would last for ever.
    if (counters.writeback_errors > writeback_errors && counters.writtenback_pages === writtenback_pages) return false
    return zpages.oldest() >= 0
  }

  /** The write of a frame has ended. */
  done(frame: number, ok: boolean): void {
    const { counters, clock, meters } = this.parts
    counters.outstanding_writeback_pages--
    if (ok) counters.writtenback_pages++
    else counters.writeback_errors++
    meters.writeback.record(clock.now() - this.startOf[frame])
  }

  /** The write of a staged zpage has ended. */
  private zpageDone(slot: number, id: number, outcome: ZpageOutcome): void {
    const { counters, clock, core, meters, area } = this.parts
    counters.outstanding_writeback_pages--
    switch (outcome) {
      case ZPAGE_DURABLE:
        counters.writtenback_pages++
        counters.writtenback_zpages++
        counters.writtenback_zpage_bytes += area?.stagedBytes(id) ?? 0
        core.wroteBack(slot)
        break
      case ZPAGE_FAILED:
        counters.writeback_errors++
        break
      case ZPAGE_DISCARDED:
        counters.writeback_discarded++
        return
    }
    meters.writeback.record(clock.now() - this.stagedAt[id])
  }

  /** Blocks whose write failed go to another place, before new ones are begun. */
  private retryFailed(): void {
    const { area, counters } = this.parts
    if (area && area.failedZpages > 0) counters.outstanding_writeback_pages += area.retryFailed()
  }

  private evict(victims: number): number {
    if (victims <= 0) return 0
    const { counters, allocator, decompressor } = this.parts
    this.retryFailed()
    const before = counters.pers_pageframes
    this.handsOver = decompressor !== null && victims >= LEAST_BESIDE
    let pages = 0
    try {
      for (let resident = 0; victims > 0 && resident < MAX_RESIDENT; ) {
        const started = this.evictOne()
        if (started === 0) break
        if (started === RESIDENT) resident++
        else {
          pages += started
          victims--
        }
      }
    } finally {
      this.handsOver = false
      while (this.begunCount > 0) this.submitOldest()
    }
    // Never more frames at a time than pages were written for them, which bounds the bytes moved.
    if (pages > 0 && this.compaction && allocator.gives === 'compaction') allocator.compact(pages)
    counters.writeback_frames += before - counters.pers_pageframes
    return pages
  }

  /** Returns pages started, 0 where nothing can be done now, or RESIDENT. */
  private evictOne(): number {
    const { zpages, core, counters, area } = this.parts
    if (!this.mayStart(this.victimPages)) return 0
    // Where nothing is to be had for no write, neither a clean copy nor room in a block that is paid for, there is no use in asking for a victim.
    if (core.cleanCopies === 0 && !area?.sharesBlock(1) && !this.affords(this.victimPages)) {
      counters.writeback_skipped_budget++
      return 0
    }
    const chosen = this.policy.victim ? this.policy.victim(this.view) : null
    if (chosen !== null && chosen < 0) return 0
    if (chosen !== null && !zpages.has(chosen)) throw new RangeError(`victim ${chosen} is no zpage of the pool`)
    if (this.frames === null) {
      const zpage = chosen ?? zpages.oldest()
      if (zpage < 0) return 0
      const slot = this.parts.allocator.slotOf(zpage)
      const writes = !core.onDiskToo(slot)
      const started = this.writebackZpage(zpage)
      return started > 0 && writes ? started + this.writebackNeighbours(slot) : started
    }
    const frame = chosen === null ? this.frames.oldestFrame() : this.frames.frameOf(chosen)
    return frame < 0 ? 0 : this.writebackFrame(this.frames, frame)
  }

  /** Whether so many pages more may be under way, whatever they cost; counts why not. Blocks of zpages are their own limit. */
  private mayStart(pages: number): boolean {
    const { counters, core, area } = this.parts
    if (!area && counters.outstanding_writeback_pages + pages > this.inflight) {
      counters.writeback_skipped_cap++
      return false
    }
    if (!area && core.reserveFree < pages) {
      counters.writeback_skipped_no_frame++
      return false
    }
    return true
  }

  /** Pages of the slots next to one that is written, up and down as far as they are in the pool only, without a gap. Returns pages started. */
  private writebackNeighbours(slot: number): number {
    if (this.clusterPages === 1) return 0
    let started = 0
    for (let next = slot + 1; next < this.slots && this.writebackNeighbour(next, started); next++) started++
    for (let next = slot - 1; next >= 0 && this.writebackNeighbour(next, started); next--) started++
    this.parts.counters.writeback_clustered += started
    return started
  }

  private writebackNeighbour(slot: number, started: number): boolean {
    if (started + 1 >= this.clusterPages) return false
    const { index, core } = this.parts
    const zpage = index.get(slot)
    // One that is on disk too has nothing to write, and whether it goes is the policy's to say.
    return zpage !== NO_ZPAGE && !core.onDiskToo(slot) && this.mayStart(1) && this.writebackZpage(zpage) === 1
  }

  /** Every zpage of a frame. Returns as evictOne. */
  private writebackFrame(allocator: FrameAllocator, frame: number): number {
    const { core, counters, area } = this.parts
    const count = allocator.makeZombie(frame, this.victims)
    let begun = 0
    let started = 0
    let resident = 0
    let writes = 0
    let bytes = 0
    for (let i = 0; i < count; i++) {
      const slot = allocator.slotOf(this.victims[i])
      const isWritten = !core.onDiskToo(slot)
      this.victimSlots[i] = isWritten ? slot : NO_SLOT
      if (!isWritten) continue
      writes++
      bytes += allocator.bytesOf(this.victims[i])
    }
    // All of it or nothing: half a frame given up frees none.
    if (!area?.sharesBlock(bytes, writes) && !this.affords(writes)) {
      counters.writeback_skipped_budget++
      allocator.revive(frame, false)
      return 0
    }
    for (let ends = false; begun < count && !ends; begun++) {
      const pages = this.writebackZpage(this.victims[begun])
      if (pages > 0) started += pages
      else if (pages === RESIDENT) resident++
      ends = pages <= 0 && allocator.wholeFrames
    }
    // What could not be started would never be tried again as a zombie.
    if (started < count) allocator.revive(frame, resident > 0)
    if (started === 0) return resident > 0 ? RESIDENT : 0
    for (let i = 0; i < begun; i++)
      if (this.victimSlots[i] !== NO_SLOT) started += this.writebackNeighbours(this.victimSlots[i])
    return started
  }

  /** Returns 1 where it was started, 0 where it could not be, or RESIDENT. */
  private writebackZpage(zpage: number): number {
    const { allocator, counters, generations, clock, core, meters, zpages, area } = this.parts
    const slot = allocator.slotOf(zpage)
    if (allocator.generationOf(zpage) !== generations[slot])
      throw new Error(`slot ${slot} was freed and reused, and its old zpage is still in the pool`)
    if (core.dropCopy(slot)) return 1
    const bytes = allocator.bytesOf(zpage)
    const stages = area !== null && bytes <= area.maxZpageBytes
    // A block is written whole, however little is in it.
    const writes = stages && area.sharesBlock(bytes) ? 0 : 1
    if (!this.affords(writes)) {
      counters.writeback_skipped_budget++
      return 0
    }
    if (stages) return this.stage(area, zpage, slot, writes)
    const start = clock.now()
    const age = start - zpages.storedAt(zpage)
    this.moving = true
    this.loadsBeside = this.handsOver
    const page = core.readForWriteback(slot)
    this.loadsBeside = false
    this.moving = false
    switch (page) {
      case WRITEBACK_EXISTS:
        // Its page is in use: it goes behind the others, lest the next call meet it again.
        counters.writeback_skipped_swapcache++
        zpages.rotate(zpage)
        return RESIDENT
      case WRITEBACK_NO_FRAME:
        counters.writeback_skipped_no_frame++
        return 0
      case WRITEBACK_GONE:
        counters.writeback_skipped_gone++
        return 0
    }
    meters.age.record(age)
    this.startOf[page] = start
    counters.outstanding_writeback_pages++
    this.bytesStarted += PAGE_SIZE
    if (this.handsOver) this.begin(slot, page)
    else this.submit(slot, page)
    return 1
  }

  private submit(slot: number, frame: number): void {
    const { meters, clock, core } = this.parts
    meters.writebackDecompress.record(clock.now() - this.startOf[frame])
    core.writeback(slot, frame)
  }

  /** A page is being decompressed beside the engine: it is submitted when as many others are under way. */
  private begin(slot: number, frame: number): void {
    if (this.begunCount === BESIDE) this.submitOldest()
    const at = (this.begunFirst + this.begunCount++) % BESIDE
    this.begunSlots[at] = slot
    this.begunFrames[at] = frame
  }

  private submitOldest(): void {
    const at = this.begunFirst
    this.begunFirst = (at + 1) % BESIDE
    this.begunCount--
    // Pending are the pages behind this one, at most.
    this.parts.decompressor?.wait(this.begunCount)
    this.submit(this.begunSlots[at], this.begunFrames[at])
  }

  /** Sends a zpage on its way as it is, in a block of its own (writes 1) or one that is begun. Returns as writebackZpage. */
  private stage(area: ZpageArea, zpage: number, slot: number, writes: number): number {
    const { allocator, counters, generations, clock, core, meters, zpages } = this.parts
    const bytes = allocator.bytesOf(zpage)
    if (core.inSwapCache(slot)) {
      counters.writeback_skipped_swapcache++
      zpages.rotate(zpage)
      return RESIDENT
    }
    if (!area.canStage(bytes)) {
      counters.writeback_skipped_cap++
      return 0
    }
    const start = clock.now()
    meters.age.record(start - zpages.storedAt(zpage))
    const id = area.stage(slot, generations[slot], allocator.locate(zpage), bytes)
    this.stagedAt[id] = start
    this.parts.forget(slot)
    counters.outstanding_writeback_pages++
    this.bytesStarted += writes * PAGE_SIZE
    return 1
  }

  /** The frontend's way out of the pool: pages go back into memory until one cannot. */
  private repatriate(pages: number): void {
    const { core, allocator, zpages } = this.parts
    const { policy } = this
    const oldestSlot = () => {
      const oldest = zpages.oldest()
      return oldest < 0 ? -1 : allocator.slotOf(oldest)
    }
    this.moving = true
    pullBack(pages, core, {
      windowNs: policy.repatriateWindowNs ?? REPATRIATE_WINDOW_NS,
      oldestSlot: policy.repatriateOrder === 'age' ? oldestSlot : null,
    })
    this.moving = false
  }

  /** Whether the budget allows so many pages to be written; none always. */
  private affords(pages: number): boolean {
    if (pages === 0 || this.budgetPerNs === Number.POSITIVE_INFINITY) return true
    const allowed = this.budgetPerNs * (this.parts.clock.now() - this.startedAt)
    return this.bytesStarted + pages * PAGE_SIZE <= allowed
  }
}
