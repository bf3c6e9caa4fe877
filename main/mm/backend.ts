import type { EphemeralBackend } from './cleancache.ts'

/** What core mm and whatever stands behind frontswap ask of each other. Slots are page numbers of the swap area, frames page numbers of the arena. */

/** What a backend offers. */
export interface Backend {
  /**
   * Whether a load for a fault drops the copy, so that the page in RAM is the only one and dirty (the default). Else the copy stays
   * authoritative while the page in RAM is clean, and goes with the first write to it.
   */
  readonly exclusive?: boolean
  /** False: it takes no swap pages, and frontswap is not there. */
  readonly frontswap?: boolean
  /**
   * What it takes from swap is written to disk as well (the default: not). Once that write has ended its copy is one of two and can be given up
   * (CoreMm.dropCopy).
   */
  readonly writethrough?: boolean
  /** Takes a copy of the frame's content for this slot, or refuses for any reason of its own. */
  store(slot: number, frame: number): boolean
  /** Fills the frame from its copy; `take`: and drops the copy. False where it has none. An exclusive backend is asked for nothing else. */
  load(slot: number, frame: number, take: boolean): boolean
  /** Whether the copy of a slot is on another machine, so that a load waits for it. Default: none ever is. */
  isRemote?(slot: number): boolean
  /** Drops its copy, if any. Idempotent. */
  invalidatePage(slot: number): void
  /** Drops every copy. */
  invalidateArea(): void
  /**
   * The registered shrinker: reclaim is under way and asks for relief before it evicts resident pages itself. May start
   * writebacks through CoreMm; never called from inside store. `target`: pages this pass of reclaim is after. Returns pages it
   * started writing, and frames it gave back at once.
   */
  shrink(target: number): number
  /** Time goes on: called every few milliseconds between two accesses. ns */
  tick(now: number): void
  /** A fault has read this slot from disk, with so many pages in one read (1 without readahead). */
  diskFault?(slot: number, pages: number): void
  /**
   * A clean page is about to leave memory, and its slot on disk holds it. True asks for a store all the same: the next fault is then answered from the
   * backend, and the copy can be given up without a write (CoreMm.dropCopy).
   */
  wantsClean?(slot: number): boolean
  /** A write started by CoreMm.writeback has ended. */
  writebackDone(slot: number, frame: number, ok: boolean): void
  /** Its other half, for clean pages of files; none by default. */
  readonly cleancache?: EphemeralBackend | null
  /**
   * Reads what it has written to disk for a slot by itself (CoreMm.wroteBack), and blocks until it is there.
   * @param along takes other slots that came with it, MAX_ALONG at most @returns their number @throws SwapIoError
   */
  readBack?(slot: number, along: Int32Array): number
  /** Fills a frame with the page of a slot that the last readBack brought. The copy on disk stays. */
  fillReadBack?(slot: number, frame: number): void
}

/** Slots one Backend.readBack may bring besides the one asked for. */
export const MAX_ALONG = 32

/** Why CoreMm.readForWriteback gave no frame. */
export const WRITEBACK_EXISTS = -1 // the slot already has a page in the swap cache: that one is as new or newer
export const WRITEBACK_NO_FRAME = -2 // no reserve frame is free
export const WRITEBACK_GONE = -3 // the slot was freed, or the backend lost the entry

/** What core mm offers to a backend: page allocation, and the road by which a page goes on to the real swap area. */
export interface CoreMm {
  /** A light allocation: fails at once (-1) rather than reclaim, as zcache's mask asked. */
  allocFrame(): number
  /** The frame that allocFrame() would give now; -1. It is free, so whoever asks may write to it until then. */
  nextFrame(): number
  freeFrame(frame: number): void
  /** Frames set aside for writeback and free now. */
  readonly reserveFree: number
  /**
   * Puts a reserve frame into the swap cache for `slot` and takes the page into it from the backend, whose copy is gone afterwards
   * even where gets are not exclusive. From here a fault finds the page in the swap cache. Returns the frame or a WRITEBACK_ code.
   */
  readForWriteback(slot: number): number
  /** Blocks until a write under way ends. Returns pages that ended, 0 where none was under way. */
  waitForWrites(): number
  /** Resident pages by list (anonymous, file), and frames free: what a policy may balance against. */
  readonly activePages: number
  readonly inactivePages: number
  readonly activeFilePages: number
  readonly inactiveFilePages: number
  readonly freeFrames: number
  /** Whether the page in a frame has been on an active list since it came into RAM. */
  wasActive(frame: number): boolean
  /** Pages written back and then faulted from disk, total. */
  readonly refaults: number
  /** Pages read from disk that had been written back, those read ahead among them, total. */
  readonly writtenBackReads: number
  /** Time accesses have waited in faults, total ns. */
  readonly stallNs: number
  /** The first slot from this one on whose copy is in the backend; -1 for none. */
  nextStored(slot: number): number
  /**
   * A partial swapoff of one slot: the page is loaded from the backend into memory, dirty and mapped to its owner, and the slot is
   * freed. Only while frames are above the low watermark: it never reclaims. False where it could not. The page is not marked in
   * any way, so reclaim may store it again at once: that within `windowNs`, and untouched, counts as wasted.
   * Not to be called from store, load or shrink.
   */
  repatriate(slot: number, windowNs: number): boolean
  /** Anonymous pages that the workload has touched and not given back: what the kernel counts as committed, of one that touches all it asks for. */
  readonly committedPages: number
  /** The page that owns a slot: its identity from one swap-out to the next, while slots change. -1 for a free slot. */
  ownerOf(slot: number): number
  /** Whether a slot's copy in the backend is on disk as well. */
  onDiskToo(slot: number): boolean
  /** Slots whose copy in the backend is on disk as well. */
  readonly cleanCopies: number
  /** Slots that hold what was written back from the backend, or whose write is under way. Counts them: not for the hot path. */
  countWrittenBack(): number
  /** Gives up a slot's copy in the backend that is on disk as well. False where it is not: it must be written back. */
  dropCopy(slot: number): boolean
  /** Whether a slot's page is in RAM as well. */
  inSwapCache(slot: number): boolean
  /** The backend has written a slot's copy to disk by itself, durable as asked, and holds it no longer: a fault asks it to read that back. */
  wroteBack(slot: number): void
  /** Submits the write, past frontswap, so that the page is not captured again. Ends in Backend.writebackDone. */
  writeback(slot: number, frame: number): void
}
