import type { SlotMap, SwapIo } from '../swapfile/index.ts'
import type { AddressSpace } from './address-space.ts'
import { auditMm } from './audit.ts'
import { type Backend, type CoreMm, WRITEBACK_EXISTS, WRITEBACK_GONE, WRITEBACK_NO_FRAME } from './backend.ts'
import { Cleancache, type CleancacheMeters } from './cleancache.ts'
import type { Clock } from './clock.ts'
import { type MmCounters, newMmCounters } from './counters.ts'
import { DirectReclaim } from './direct-reclaim.ts'
import { Eviction } from './eviction.ts'
import {
  type FaultPath,
  PATH_DISK,
  PATH_POOL,
  PATH_REMOTE,
  PATH_SWAPCACHE,
  PATH_ZERO,
  PATH_ZEROMAP,
} from './fault-path.ts'
import { FilePages, type MappedFile } from './file-pages.ts'
import {
  FRAME_BACKEND_WRITE,
  FRAME_DETACHED,
  FRAME_DIRTY,
  FRAME_FILE,
  FRAME_POOL,
  FRAME_READAHEAD,
  FRAME_REFERENCED,
  FRAME_WAS_ACTIVE,
  FRAME_WRITEBACK,
  Frames,
} from './frames.ts'
import { Frontswap, type FrontswapMeters } from './frontswap.ts'
import {
  type InactiveList,
  LIST_ACTIVE_ANON,
  LIST_ACTIVE_FILE,
  LIST_INACTIVE_ANON,
  LIST_INACTIVE_FILE,
  LIST_NONE,
  Lru,
} from './lru.ts'
import { PTE_NONE } from './page-table.ts'
import { Reclaim } from './reclaim.ts'
import type { Recorder } from './recorder.ts'
import { type RefaultMeters, Refaults } from './refaults.ts'
import type { SamePages } from './same-pages.ts'
import { SwapCache } from './swap-cache.ts'
import { SwapReads } from './swap-reads.ts'
import { SLOT_BACKEND_FORM, SLOT_WRITTEN_BACK, SwapSlots } from './swap-slots.ts'
import { SwapWrites } from './swap-writes.ts'
import { type Watermarks, watermarksFor } from './watermarks.ts'

/**
 * The simulated memory manager: how a fault is answered, and what the backend may ask; how a page is evicted is in eviction.ts. It drives a backend
 * through frontswap and a swap area through SwapIo (swap-reads.ts, swap-writes.ts), and knows neither by name. Single-threaded; time comes from a Clock.
 *
 * A clean page keeps its slot, so that it can be dropped without a write; the first write to it gives the slot up, and with
 * it any copy in the backend. A page loaded from a backend whose gets are exclusive is dirty and keeps its slot for the next store, as Linux does
 * while swap is plentiful; where the backend keeps its copy the page is clean.
 */

/** Accesses between two looks at the completion queue; a power of two. A look costs as much as several hits. */
const POLL_EVERY = 16

export interface MmMeters extends FrontswapMeters, CleancacheMeters, RefaultMeters {
  /** By fault path, as in FAULT_PATHS, ns. */
  faults: readonly Recorder[]
  /** Direct reclaim inside one fault, ns. */
  directReclaim: Recorder
  /** One background reclaim step between two accesses, ns. */
  backgroundReclaim: Recorder
}

export interface MmOptions {
  pages: number
  frames: number
  /** Frames kept aside for the backend's writeback; part of `frames`. */
  reserve: number
  /** Largest readahead window, pages. */
  readahead: number
  /** Pages of the mapped file read around a fault; default 1: its page alone. */
  fileReadahead?: number
  /** Pages a background step may evict; 0 leaves all reclaim to faults. */
  background: number
  /** Whether a page that the backend refused is written to the swap area (the default), or stays in RAM (memory.zswap.writeback=0). */
  diskSwap?: boolean
  watermarks?: Watermarks
}

export class Mm implements CoreMm {
  readonly pte: Int32Array
  readonly frames: Frames
  readonly lru: Lru
  readonly swap: SwapSlots
  readonly frontswap: Frontswap | null
  /** Null where all memory is anonymous. */
  readonly file: FilePages | null
  readonly io: SwapIo
  readonly slots: SlotMap
  readonly watermarks: Watermarks
  readonly counters: MmCounters = newMmCounters()
  /** How the last fault was answered. */
  lastPath: FaultPath = PATH_ZERO
  /** Time accesses have waited in faults, total ns. */
  stallNs = 0
  committedPages = 0
  /** Background reclaim has been woken and has not reached the high watermark. */
  kswapdAwake = false

  private readonly zeroMap: SamePages | null
  private readonly backend: Backend | null
  /** The backend, where it may have pages on another machine. */
  private readonly remotes: Required<Pick<Backend, 'isRemote'>> | null
  private readonly cache: SwapCache
  private readonly reads: SwapReads
  private readonly writes: SwapWrites
  private readonly clock: Clock
  private readonly meters: MmMeters
  /** Null without a backend, which alone writes back. */
  private readonly refaultTimes: Refaults | null
  private readonly background: number
  private readonly eviction: Eviction
  private readonly reclaim: Reclaim
  private readonly directReclaim: DirectReclaim
  private stepCount = 0

  constructor(
    options: MmOptions,
    parts: {
      /** Made with this mm as its CoreMm; null is plain swap. */
      backend: ((core: CoreMm) => Backend) | null
      io: SwapIo
      slots: SlotMap
      /** Default: all memory is anonymous. */
      file?: MappedFile | null
      clock: Clock
      meters: MmMeters
      /** Of all-zero pages, which then are neither stored nor written; without it they are pages like all others. */
      zeroMap?: SamePages | null
      /** Hears of each page of the workload that leaves memory, by whichever way. */
      onEvict?: ((vpn: number) => void) | undefined
      /** Where the workload touches its pages by itself; default: it goes through fault, markRead and markWritten. */
      space?: AddressSpace | null
    },
  ) {
    const slotCount = parts.slots.slots
    this.pte = new Int32Array(options.pages).fill(PTE_NONE)
    this.frames = new Frames(options.frames, options.reserve)
    this.lru = new Lru(options.frames)
    this.watermarks = options.watermarks ?? watermarksFor(options.frames)
    this.swap = new SwapSlots(slotCount)
    this.io = parts.io
    this.slots = parts.slots
    this.clock = parts.clock
    this.meters = parts.meters
    this.zeroMap = parts.zeroMap ?? null
    this.background = options.background
    this.backend = parts.backend?.(this) ?? null
    const { backend } = this
    this.remotes = backend !== null && mayBeRemote(backend) ? backend : null
    this.refaultTimes = backend && new Refaults(slotCount, parts.meters)
    const swaps = backend !== null && backend.frontswap !== false
    this.frontswap = swaps ? new Frontswap(backend, slotCount, parts.clock, parts.meters) : null
    const { counters, frames, frontswap, io, lru, slots, swap, watermarks } = this
    this.cache = new SwapCache({ frames, lru, swap, slots, frontswap, layout: io.layout ?? null })
    const { cache } = this
    this.reads = new SwapReads(options.readahead, { cache, lru, io, backend, counters, watermarks })
    this.writes = new SwapWrites({ cache, lru, io, backend, counters })
    const ephemeral = backend?.cleancache ?? null
    const file = parts.file ?? null
    const { pte } = this
    const cleancache = ephemeral && new Cleancache(ephemeral, parts.clock, parts.meters)
    this.file = file && new FilePages(file, options.fileReadahead ?? 1, { pte, frames, lru, watermarks, cleancache })
    const space = parts.space ?? null
    const diskSwap = options.diskSwap ?? true
    this.eviction = new Eviction({
      ...{ pte, frames, lru, swap, slots, cache, counters, frontswap, space, diskSwap },
      writes: this.writes,
      clock: this.clock,
      file: this.file,
      zeroMap: this.zeroMap,
      onEvict: parts.onEvict,
      markWritten: (frame) => this.markWritten(frame),
    })
    const { eviction } = this
    this.reclaim = new Reclaim(frames, lru, counters, file !== null, {
      look: space && ((frame) => this.askWritten(space, frame)),
      shrink: (target) => backend?.shrink(target) ?? 0,
      evict: (frame) => eviction.evict(frame),
      used: (frame) => eviction.used(frame),
    })
    this.directReclaim = new DirectReclaim({
      ...{ frames, lru, watermarks, io, counters, diskSwap },
      reclaim: this.reclaim,
      clock: this.clock,
      meter: this.meters.directReclaim,
    })
  }

  // --- The workload's side -------------------------------------------------------------------------------------------

  /** A write access to a resident page: dirties it, and gives up the slot a clean page was keeping. */
  markWritten(frame: number): void {
    const flags = this.frames.flags[frame] | FRAME_DIRTY | FRAME_REFERENCED
    this.frames.flags[frame] = flags
    if (flags & FRAME_FILE) this.makePrivate(frame)
    else if (this.frames.slot[frame] >= 0) {
      // While a write of the old content is under way the slot must stay: SwapWrites gives it up. A copy of that content may not.
      if (flags & FRAME_WRITEBACK) this.frontswap?.invalidatePage(this.frames.slot[frame])
      else this.cache.drop(frame)
    }
  }

  /** A read access to a resident page. */
  markRead(frame: number): void {
    this.frames.flags[frame] |= FRAME_REFERENCED
  }

  /**
   * Answers a fault on a page without a frame and maps it. `lastPath` says how. The content of a first touch (PATH_ZERO) is
   * whatever the frame held: the caller fills it. A page of the mapped file (isOfFile) has the file's content.
   * @throws SwapIoError, FileIoError where the page could not be read; it stays where it was.
   */
  fault(vpn: number): number {
    const start = this.clock.now()
    this.counters.pgfault++
    const entry = this.pte[vpn]
    let frame: number
    let path: FaultPath
    let list: InactiveList = LIST_INACTIVE_ANON
    if (entry === PTE_NONE) {
      frame = this.file === null ? -1 : this.file.cached(vpn)
      if (this.file !== null && frame >= 0) {
        path = PATH_SWAPCACHE
        this.file.use(vpn, frame)
        this.counters.faults_swapcache++
      } else if (this.file !== null && this.file.pageOf[vpn] >= 0) {
        frame = this.allocForFault()
        path = this.readFromFile(this.file, vpn, frame)
        list = LIST_INACTIVE_FILE
      } else {
        frame = this.allocForFault()
        path = PATH_ZERO
        this.counters.faults_zero++
        this.committedPages++
        this.frames.flags[frame] = FRAME_DIRTY | FRAME_REFERENCED
      }
    } else {
      const slot = -2 - entry
      frame = this.swap.frame[slot]
      if (frame >= 0) {
        path = PATH_SWAPCACHE
        this.takeFromSwapCache(frame)
      } else {
        // Reclaim inside the allocation may write this very slot back, and put it into the swap cache.
        frame = this.allocForFault()
        const appeared = this.swap.frame[slot]
        const remote = this.remotes?.isRemote(slot) === true
        if (appeared >= 0) {
          this.frames.release(frame)
          frame = appeared
          path = PATH_SWAPCACHE
          this.takeFromSwapCache(frame)
        } else if (this.loadZero(slot, frame)) {
          path = PATH_ZEROMAP
          this.counters.swpin_zero++
          this.frames.flags[frame] = FRAME_REFERENCED
          this.cache.enter(slot, frame)
        } else if (this.frontswap?.load(slot, frame)) {
          path = remote ? PATH_REMOTE : PATH_POOL
          if (remote) this.counters.faults_remote++
          else this.counters.faults_pool++
          const clean = !this.frontswap.exclusive || this.onDiskToo(slot)
          this.frames.flags[frame] = clean ? FRAME_REFERENCED : FRAME_DIRTY | FRAME_REFERENCED
          if (this.frontswap.exclusive) this.swap.forgetSecondCopy(slot)
          this.cache.enter(slot, frame)
        } else {
          path = PATH_DISK
          this.reads.read(slot, frame)
          this.counters.faults_disk++
          if (this.swap.flags[slot] & SLOT_WRITTEN_BACK) this.countRefault(slot)
          this.frames.flags[frame] = FRAME_REFERENCED
        }
      }
    }
    this.pte[vpn] = frame
    this.frames.vpn[frame] = vpn
    if (this.lru.list[frame] === LIST_NONE) this.lru.add(frame, list)
    if (this.frames.free < this.watermarks.low) this.kswapdAwake = true
    this.lastPath = path
    const waited = this.clock.now() - start
    this.stallNs += waited
    this.meters.faults[path].record(waited)
    return frame
  }

  /** Whether a resident page is one of the mapped file, not written to since it came into RAM. */
  isOfFile(frame: number): boolean {
    return (this.frames.flags[frame] & FRAME_FILE) !== 0
  }

  /** The workload gives a page back (munmap): frame and slot are freed, a write under way ends into nothing. */
  free(vpn: number): void {
    const entry = this.pte[vpn]
    if (entry === PTE_NONE) return
    this.pte[vpn] = PTE_NONE
    if (this.file === null || this.file.pageOf[vpn] < 0) this.committedPages--
    if (entry >= 0) {
      this.releasePage(entry)
      return
    }
    const slot = -2 - entry
    const frame = this.swap.frame[slot]
    if (frame >= 0) this.releasePage(frame)
    else this.cache.freeSlot(slot)
  }

  /** Background work between two accesses: completions, and one reclaim step when woken. */
  step(): void {
    if (this.io.inflight > 0 && (++this.stepCount & (POLL_EVERY - 1)) === 0) this.io.poll()
    if (!this.kswapdAwake || this.background === 0) return
    if (this.frames.free + this.writes.inflight < this.watermarks.high) {
      const start = this.clock.now()
      this.counters.kswapd_steps++
      this.reclaim.pass(this.background)
      this.meters.backgroundReclaim.record(this.clock.now() - start)
    }
    if (this.frames.free >= this.watermarks.high) this.kswapdAwake = false
    else if (this.frames.free < this.watermarks.low && this.writes.inflight > 0) this.io.flush()
  }

  /** Page writes of reclaim under way (the backend's own are counted by the backend). */
  get swapoutInflight(): number {
    return this.writes.inflight
  }

  /** Whether step() has pages to evict. */
  get reclaimDue(): boolean {
    return this.kswapdAwake && this.background > 0
  }

  /** Lets the backend know the time. Every few milliseconds is enough. */
  tick(now: number): void {
    this.backend?.tick(now)
  }

  /** Ends every write under way. Afterwards nothing is outstanding. */
  drain(): void {
    this.io.drain()
  }

  /** swapoff: ends what is under way, then forgets every page that is not in RAM; the others no longer count on their slots. */
  invalidateArea(): void {
    this.io.drain()
    // Before the slots are freed one by one: it is the backend's own way to let go of all it has.
    this.frontswap?.invalidateArea()
    for (let vpn = 0; vpn < this.pte.length; vpn++) {
      const entry = this.pte[vpn]
      if (entry <= -2) this.free(vpn)
      else if (entry >= 0 && this.frames.slot[entry] >= 0) this.cache.giveUpSlot(entry)
    }
  }

  /** swapoff, then the mapped file is closed and its file system unmounted: no copy of any page is left but the one in RAM. */
  takeDown(): void {
    this.invalidateArea()
    const cleancache = this.file?.cleancache
    cleancache?.flushInode()
    cleancache?.flushFs()
  }

  // --- CoreMm: the backend's side ------------------------------------------------------------------------------------

  get reserveFree(): number {
    return this.frames.reserve
  }

  get activePages(): number {
    return this.lru.size(LIST_ACTIVE_ANON)
  }

  get inactivePages(): number {
    return this.lru.size(LIST_INACTIVE_ANON)
  }

  get activeFilePages(): number {
    return this.lru.size(LIST_ACTIVE_FILE)
  }

  get inactiveFilePages(): number {
    return this.lru.size(LIST_INACTIVE_FILE)
  }

  wasActive(frame: number): boolean {
    return (this.frames.flags[frame] & FRAME_WAS_ACTIVE) !== 0
  }

  get freeFrames(): number {
    return this.frames.free
  }

  get refaults(): number {
    return this.counters.refaults
  }

  get writtenBackReads(): number {
    return this.counters.refaults + this.reads.writtenBackAhead
  }

  waitForWrites(): number {
    return this.io.wait()
  }

  nextFrame(): number {
    // Reclaim itself may go below the minimum (it is about to free more), but never to the bottom.
    return this.frames.free <= this.watermarks.min >> 1 ? -1 : this.frames.next()
  }

  allocFrame(): number {
    if (this.nextFrame() < 0) return -1
    const frame = this.frames.take()
    this.frames.flags[frame] = FRAME_POOL
    this.frames.pool++
    return frame
  }

  freeFrame(frame: number): void {
    if ((this.frames.flags[frame] & FRAME_POOL) === 0) throw new Error(`frame ${frame} does not belong to the pool`)
    this.frames.pool--
    this.frames.release(frame)
  }

  readForWriteback(slot: number): number {
    if (this.swap.vpn[slot] < 0) return WRITEBACK_GONE
    if (this.swap.frame[slot] >= 0) return WRITEBACK_EXISTS
    const frame = this.frames.takeReserve()
    if (frame < 0) return WRITEBACK_NO_FRAME
    if (!this.frontswap?.take(slot, frame)) {
      // Nothing was loaded: writing this frame would put rubbish on disk.
      this.frames.release(frame)
      return WRITEBACK_GONE
    }
    this.frames.flags[frame] = FRAME_DIRTY
    this.cache.enter(slot, frame)
    return frame
  }

  writeback(slot: number, frame: number): void {
    this.swap.flags[slot] |= SLOT_WRITTEN_BACK
    this.refaultTimes?.writtenBack(slot, this.clock.now(), this.counters.pgfault)
    this.writes.start(slot, frame, FRAME_BACKEND_WRITE)
  }

  inSwapCache(slot: number): boolean {
    return this.swap.frame[slot] >= 0
  }

  wroteBack(slot: number): void {
    if (!this.frontswap?.has(slot))
      throw new Error(`slot ${slot} was written back by the backend, and has no copy there`)
    this.frontswap.movedToDisk(slot)
    this.swap.flags[slot] |= SLOT_BACKEND_FORM | SLOT_WRITTEN_BACK
    this.refaultTimes?.writtenBack(slot, this.clock.now(), this.counters.pgfault)
    this.counters.pswpout++
  }

  ownerOf(slot: number): number {
    return this.swap.vpn[slot]
  }

  onDiskToo(slot: number): boolean {
    return this.swap.onDiskToo(slot)
  }

  get cleanCopies(): number {
    return this.swap.cleanCopies
  }

  countWrittenBack(): number {
    return this.swap.countWrittenBack()
  }

  dropCopy(slot: number): boolean {
    if (!this.onDiskToo(slot)) return false
    this.swap.forgetSecondCopy(slot)
    this.frontswap?.invalidatePage(slot)
    this.counters.clean_copies_dropped++
    return true
  }

  nextStored(slot: number): number {
    return this.frontswap?.next(slot) ?? -1
  }

  repatriate(slot: number, windowNs: number): boolean {
    if (this.reclaim.running) throw new Error('a page was repatriated from inside reclaim')
    const vpn = this.swap.vpn[slot]
    if (vpn < 0) return false
    const resident = this.swap.frame[slot]
    if (resident >= 0) {
      // Its copy was kept beside the page in RAM: nothing to bring back.
      if (this.frames.vpn[resident] < 0 || this.frames.flags[resident] & FRAME_WRITEBACK) return false
      this.cache.giveUpSlot(resident)
      return true
    }
    if (this.frames.free <= this.watermarks.low) return false
    const start = this.clock.now()
    const frame = this.frames.take()
    if (!this.frontswap?.take(slot, frame)) {
      this.frames.release(frame)
      return false
    }
    this.pte[vpn] = frame
    this.frames.vpn[frame] = vpn
    this.frames.flags[frame] = FRAME_DIRTY
    this.lru.add(frame, LIST_INACTIVE_ANON)
    this.cache.freeSlot(slot)
    this.eviction.broughtBack(frame, start, windowNs)
    return true
  }

  // --- A page and its frame ------------------------------------------------------------------------------------------

  private countRefault(slot: number): void {
    this.counters.refaults++
    this.refaultTimes?.wanted(slot, this.clock.now(), this.counters.pgfault)
  }

  private takeFromSwapCache(frame: number): void {
    this.counters.faults_swapcache++
    const flags = this.frames.flags[frame]
    if (flags & FRAME_READAHEAD) this.reads.hit()
    this.frames.flags[frame] = (flags & ~FRAME_READAHEAD) | FRAME_REFERENCED
  }

  /** Frees a page's frame and slot, now or when its write ends. */
  private releasePage(frame: number): void {
    this.eviction.forget(frame)
    this.lru.remove(frame)
    this.frames.vpn[frame] = -1
    if (this.frames.flags[frame] & FRAME_WRITEBACK) {
      this.frames.flags[frame] |= FRAME_DETACHED
      return
    }
    if (this.frames.slot[frame] >= 0) this.cache.drop(frame)
    this.frames.release(frame)
  }

  private readFromFile(file: FilePages, vpn: number, frame: number): FaultPath {
    try {
      const path = file.read(vpn, frame)
      this.frames.flags[frame] = FRAME_FILE | FRAME_REFERENCED
      return path
    } catch (error) {
      this.frames.release(frame)
      this.counters.read_errors++
      throw error
    }
  }

  /** A clean page of the file is written to: from here on it is anonymous memory, and the file keeps what it holds. */
  private makePrivate(frame: number): void {
    this.frames.flags[frame] &= ~FRAME_FILE
    this.lru.remove(frame)
    this.lru.add(frame, LIST_INACTIVE_ANON)
    if (this.file !== null) this.file.counters.file_cows++
  }

  private allocForFault(): number {
    return this.frames.free > this.watermarks.min ? this.frames.take() : this.directReclaim.takeFrame()
  }

  private askWritten(space: AddressSpace, frame: number): void {
    const vpn = this.frames.vpn[frame]
    if (vpn >= 0 && space.written(vpn)) this.markWritten(frame)
  }

  // --- Books ---------------------------------------------------------------------------------------------------------

  /** What is wrong with the books (see auditMm); empty when all is well. At rest (after drain) nothing may be under way. */
  audit(): string[] {
    return auditMm(this)
  }

  /** Fills a frame from the zero map. False where the slot is not in it. */
  loadZero(slot: number, frame: number): boolean {
    if (!this.zeroMap || !this.swap.isZero(slot)) return false
    this.zeroMap.restore(slot, frame)
    return true
  }

  /** Fills a frame with what the backend wrote to disk in its own form. False where the slot holds nothing of the kind. @throws SwapIoError */
  loadReadBack(slot: number, frame: number): boolean {
    if (this.swap.frame[slot] >= 0 || !this.swap.inBackendForm(slot) || this.frontswap?.has(slot)) return false
    this.reads.readBack(slot, frame)
    return true
  }

  /** Where a page is now: for the final check of every page. */
  whereIs(vpn: number): { frame: number; slot: number; onDisk: boolean } {
    const entry = this.pte[vpn]
    if (entry === PTE_NONE) return { frame: -1, slot: -1, onDisk: false }
    if (entry >= 0) return { frame: entry, slot: -1, onDisk: false }
    const slot = -2 - entry
    return { frame: this.swap.frame[slot], slot, onDisk: this.cache.onlyOnDisk(slot) }
  }
}

function mayBeRemote(backend: Backend): backend is Backend & Required<Pick<Backend, 'isRemote'>> {
  return backend.isRemote !== undefined
}
