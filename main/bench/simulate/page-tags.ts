import type { PAGE_SIZE } from '../../contract/index.ts'

/** What frames and slots hold in a simulation: instead of bytes a tag, vpn and version. Two Int32 a row, [vpn, version]. */
export class PageTags {
  readonly frames: Int32Array
  readonly slots: Int32Array

  constructor(frames: number, slots: number) {
    this.frames = new Int32Array(frames * 2).fill(-1)
    this.slots = new Int32Array(slots * 2).fill(-1)
  }
}

/** Bytes of a tag. */
export const TAG_BYTES = 8
export const TAG_WORDS = TAG_BYTES / 4

/** Of its own: at() is asked for every zpage, and what another file exports is looked up at each use. */
const PAGE_BYTES = 4096 satisfies typeof PAGE_SIZE

/**
 * Tags of zpages, by the place in the arena where their bytes would begin: one for each cell of a frame, so that an allocator that lets two zpages
 * begin in one is found out. The first cells of all frames lie together, then all second ones: where zpages begin at few places of a frame, as
 * zbud's first ones do at one, many tags share a line of the cache. Behind the frames (blocks of zpages, scratch) cells are of TAG_BYTES, no less than a zpage.
 */
export class ZpageTags {
  /** TAG_WORDS a cell. */
  readonly words: Int32Array
  private readonly frames: number
  private readonly cellBytes: number
  /** Bytes of the frames. */
  private readonly framesEnd: number
  private readonly frameCells: number

  /** @param cellBytes of the allocator (EntryBase) */
  constructor(shape: { frames: number; pages: number; cellBytes: number }) {
    const { frames, pages, cellBytes } = shape
    this.frames = frames
    this.cellBytes = cellBytes
    this.framesEnd = frames * PAGE_BYTES
    this.frameCells = this.framesEnd / cellBytes
    this.words = new Int32Array((this.frameCells + ((pages - frames) * PAGE_BYTES) / TAG_BYTES) * TAG_WORDS)
  }

  /** Index of the tag of what begins at a byte offset of the arena, which may be beyond 2^31. */
  at(offset: number): number {
    if (offset >= this.framesEnd)
      return (this.frameCells + Math.floor((offset - this.framesEnd) / TAG_BYTES)) * TAG_WORDS
    const frame = Math.floor(offset / PAGE_BYTES)
    const cell = Math.floor((offset - frame * PAGE_BYTES) / this.cellBytes)
    return (cell * this.frames + frame) * TAG_WORDS
  }
}
