import { type AllocatorName, PAGE_SIZE } from '../../contract/index.ts'

/**
 * What a lane needs of an allocator of compressed pages. One file each; `index.ts` is the table; `zbud-zswap.ts` is the
 * shortest to copy.
 *
 * A zpage is named by a descriptor, 0..descriptors-1, that stays the same until it is freed, wherever its bytes are moved
 * meanwhile: the index of the backend never has to follow. Frames are page numbers of the arena.
 */

/** Where the frames of the pool come from; the backend enforces its limit here and keeps the count. */
export interface FrameSource {
  /** A frame for the pool; -1 where there is none. */
  take(): number
  /** The frame that take() would give now; -1 where there is none. It is free, so whoever asks may write to it. */
  next(): number
  give(frame: number): void
}

/** Moves bytes inside the arena; offsets in bytes. The ranges may overlap. A simulation passes one that does nothing. */
export interface ByteMover {
  move(to: number, from: number, bytes: number): void
}

export interface AllocatorOptions {
  /** Frames of the arena: FrameSource gives 0..frames-1. */
  frames: number
  /** Most frames the pool will hold. */
  poolFrames: number
  /** Most zpages at once: the slots of the swap area. */
  zpages: number
  source: FrameSource
  mover: ByteMover
  /** Bytes of the frames, 4-byte aligned; null where there are none (a simulation). */
  arena: Uint8Array | null
  /** Byte offset of 4096 bytes of the arena outside every frame of the pool, where straddling objects are read. */
  bounce: number
  /** zsmalloc: most frames of a zspage, 1..16. */
  chain?: number
  /** zbud of zswap: bytes before each zpage, which name its owner; part of its room and not of its size. Default 0. */
  header?: number
}

/** Occupancy: true ratio = zpages * 4096 / zbytes, effective ratio = zpages / frames. */
export interface Occupancy {
  readonly frames: number
  readonly zpages: number
  /** Compressed bytes, without any header, handle or rounding. */
  readonly zbytes: number
}

/** What `stats` of every allocator holds; shares are of the pool's bytes, 0..1, and 0 in an empty pool. */
export interface Fragmentation {
  /** Bytes of the pool that hold no compressed byte: the two below together. */
  fragmentation: number
  /** Headers, handles, and rounding up to chunks or a size class. */
  internal_fragmentation: number
  /** Room no zpage occupies. */
  external_fragmentation: number
}

interface AllocatorBase extends Occupancy {
  /** Descriptors lie in 0..descriptors-1: the size of a table kept beside them. */
  readonly descriptors: number
  /**
   * Room for a zpage of `bytes`; the caller then places it.
   * @returns its descriptor, or -1 where it is too large, no frame is to be had or all descriptors are in use
   * @throws RangeError where bytes < 1
   */
  alloc(bytes: number, slot: number, generation: number): number
  /** Frames that a zpage of `bytes` needs where none of those the pool has offers room: alloc takes all of them, or gives back what it took. */
  framesFor(bytes: number): number
  /**
   * Byte offset in the arena where the next zpage would lie if it got a new frame, with room for the largest: what is compressed there, and gets one,
   * needs no copy. The caller's until the next call of anything here; -1 where no frame is to be had, or the place depends on the size.
   */
  likelyPlace(): number
  /** Copies its bytes from a byte offset of the arena to where they belong, which may be two places, or where they are already. */
  place(zpage: number, from: number): void
  /**
   * Byte offset in the arena where its bytes lie in one piece: valid until the next call of anything here, because a
   * straddling object is copied to the bounce area and a free may move its neighbours.
   */
  locate(zpage: number): number
  /** Frees it; frames that become empty go to FrameSource.give. @throws Error where it is free already */
  free(zpage: number): void
  /** Compressed bytes; 0 where the descriptor is free. */
  bytesOf(zpage: number): number
  slotOf(zpage: number): number
  /** The slot's generation when it was stored. */
  generationOf(zpage: number): number
  /** The frame in which its bytes begin. */
  frameOf(zpage: number): number
  /** Another zpage whose frame comes free with this one's: in the same frame, or in the same zspage; -1 where there is none. */
  siblingOf(zpage: number): number
  /** zcache2's histogram: allocations by the chunks they took, ever. Absent where the kernel's has none. */
  readonly cumulChunkCounts?: Float64Array
  /** Counters, with the kernel's names where it has any. Not for the hot path. */
  stats(): Record<string, number> & Fragmentation
  /** What is wrong with the books, in sentences; empty when all is well. Looks at every frame. */
  audit(): string[]
}

/** Gives a frame back on demand, for the price of the 1..3 zpages in it. Frames are ordered by their last insertion. */
export interface FrameAllocator extends AllocatorBase {
  readonly gives: 'frame'
  /** Whether a victim is given up at its first zpage that cannot go, because its frame would not come free; else the others go all the same. */
  readonly wholeFrames: boolean
  /** Frames that are zombies now. */
  readonly zombies: number
  /** Oldest frame that is no zombie; -1 where there is none. */
  oldestFrame(): number
  /**
   * Takes a frame off the LRU and out of every search for room. Its zpages stay readable until each is freed; with the last
   * one the frame is given back.
   * @param out takes the descriptors, zpagesPerFrame of its entry at most
   * @returns their number
   */
  makeZombie(frame: number, out: Int32Array): number
  /**
   * Brings back a zombie that still holds zpages, because they could not be evicted. Nothing happens to any other frame.
   * @param young to the young end of the LRU; else to the end that this allocator's own brought it to
   */
  revive(frame: number, young: boolean): void
}

/** Gives frames back only by chance, or by moving objects together. */
export interface CompactingAllocator extends AllocatorBase {
  readonly gives: 'compaction'
  /**
   * Moves objects from the emptiest zspages to the fullest until so many frames are given back or nothing is to be gained.
   * A zspage is given back whole, so it may be a few frames more.
   * @returns frames given back
   */
  compact(maxFrames: number): number
}

export type Allocator = FrameAllocator | CompactingAllocator

interface EntryBase {
  name: AllocatorName
  title: string
  description: string
  /** Where the behaviour comes from. */
  source: string
  /** Larger zpages are refused. */
  maxZpageBytes: number
  /** A power of two: in each stretch of so many bytes of a frame at most one zpage begins. */
  cellBytes: number
  /** Descriptors of a pool of so many frames and at most so many zpages: rows of a table kept beside them. */
  descriptors(poolFrames: number, zpages: number): number
  /** Bytes of tables for a pool of so many frames and zpages, beyond what lies in the frames: charged to the lane's RAM. */
  metadataBytes(poolFrames: number, zpages: number): number
}

export type AllocatorEntry = EntryBase &
  (
    | {
        gives: 'frame' /** Most zpages a frame holds. */
        zpagesPerFrame: number
        create(options: AllocatorOptions): FrameAllocator
      }
    | { gives: 'compaction'; create(options: AllocatorOptions): CompactingAllocator }
  )

/** @param usedBytes bytes of the frames its zpages occupy: headers, handles and rounding included */
export function fragmentationOf({ frames, zbytes }: Occupancy, usedBytes: number): Fragmentation {
  const pool = frames * PAGE_SIZE
  if (pool === 0) return { fragmentation: 0, internal_fragmentation: 0, external_fragmentation: 0 }
  return {
    fragmentation: (pool - zbytes) / pool,
    internal_fragmentation: (usedBytes - zbytes) / pool,
    external_fragmentation: (pool - usedBytes) / pool,
  }
}

/** What was counted beside what is there, in a sentence; none where they agree. `used`: as in fragmentationOf. */
export function auditTotals(counted: Occupancy, used: number, there: Occupancy & { used: number }): string[] {
  const { frames, zpages, zbytes } = counted
  if (frames === there.frames && zpages === there.zpages && zbytes === there.zbytes && used === there.used) return []
  return [
    `counted ${frames} frames, ${zpages} zpages, ${zbytes} bytes, ${used} used; there are ${there.frames}, ${there.zpages}, ${there.zbytes}, ${there.used}`,
  ]
}
