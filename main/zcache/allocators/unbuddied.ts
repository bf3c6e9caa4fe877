import { PAGE_SIZE } from '../../contract/index.ts'
import { FrameLists } from './frame-lists.ts'

/** Chunks of 64 bytes, as mm/zbud.c and z3fold cut a frame. */
export const CHUNK_SHIFT = 6
export const CHUNK_BYTES = 1 << CHUNK_SHIFT
export const PAGE_CHUNKS = PAGE_SIZE / CHUNK_BYTES

/** Chunks that so many bytes take. */
export function chunksOf(bytes: number): number {
  return (bytes + CHUNK_BYTES - 1) >> CHUNK_SHIFT
}

/** Frames without room for another zpage. */
const FULL = PAGE_CHUNKS
const ZOMBIE = PAGE_CHUNKS + 1
const LISTS = PAGE_CHUNKS + 2

/**
 * The frames of mm/zbud.c and z3fold: listed by their free chunks (0..63), newest first as the kernel's list_add has it, beside
 * the full ones and the zombies; and the LRU of all that are not zombies, by last insertion.
 */
export class Unbuddied {
  static readonly BYTES_PER_FRAME = 2 * FrameLists.BYTES_PER_FRAME

  full = 0
  zombies = 0
  unbuddied = 0
  /** Frames that became zombies and were not brought back. */
  evicted = 0
  private readonly lists: FrameLists
  private readonly lru: FrameLists
  // Bit c is set where list c is not empty: free chunks 0..31 and 32..63.
  private low = 0
  private high = 0

  constructor(frames: number) {
    this.lists = new FrameLists(frames, LISTS)
    this.lru = new FrameLists(frames, 1)
  }

  /** The first frame of the first list with at least so many (1..63) free chunks, taken off its list until it is put back; -1 where there is none. */
  takeFit(chunks: number): number {
    const frame = this.firstFit(chunks)
    if (frame >= 0) this.delist(frame)
    return frame
  }

  /** Lists a frame that got a zpage, at the young end of the LRU. `freeChunks` < 0: it takes no more. */
  put(frame: number, freeChunks: number): void {
    this.enlist(frame, freeChunks)
    if (this.lru.listOf(frame) >= 0) this.lru.remove(frame)
    this.lru.pushFirst(0, frame)
  }

  /** Takes a frame off its list, where its room is about to change; the LRU stays. */
  delist(frame: number): void {
    const list = this.lists.remove(frame)
    if (list === FULL) this.full--
    else if (list === ZOMBIE) this.zombies--
    else {
      this.unbuddied--
      if (this.lists.first(list) >= 0) return
      if (list < 32) this.low &= ~(1 << list)
      else this.high &= ~(1 << (list - 32))
    }
  }

  enlist(frame: number, freeChunks: number): void {
    if (freeChunks < 0) {
      this.full++
      this.lists.pushFirst(FULL, frame)
      return
    }
    this.unbuddied++
    this.lists.pushFirst(freeChunks, frame)
    if (freeChunks < 32) this.low |= 1 << freeChunks
    else this.high |= 1 << (freeChunks - 32)
  }

  /** Forgets an empty frame. */
  drop(frame: number): void {
    if (!this.isZombie(frame)) this.lru.remove(frame)
    this.delist(frame)
  }

  oldest(): number {
    return this.lru.last(0)
  }

  /** Off the LRU and out of every search for room. */
  makeZombie(frame: number): void {
    this.delist(frame)
    this.lru.remove(frame)
    this.lists.pushFirst(ZOMBIE, frame)
    this.zombies++
    this.evicted++
  }

  /** A zombie's eviction failed: it is no longer listed, and the caller puts it back. */
  takeZombie(frame: number): void {
    this.delist(frame)
    this.evicted--
  }

  isZombie(frame: number): boolean {
    return this.lists.listOf(frame) === ZOMBIE
  }

  isListed(frame: number): boolean {
    return this.lists.listOf(frame) >= 0
  }

  /** What is wrong with a listed frame of so many free chunks, in sentences. */
  audit(frame: number, freeChunks: number): string[] {
    const wrong: string[] = []
    const list = this.lists.listOf(frame)
    const onLru = this.lru.listOf(frame) >= 0
    if ((list === ZOMBIE) === onLru) wrong.push(`frame ${frame} must be on the LRU or a zombie`)
    const listed = list < FULL ? list : -1
    if (list !== ZOMBIE && listed !== freeChunks)
      wrong.push(`frame ${frame} has ${freeChunks} free chunks, listed under ${listed}`)
    return wrong
  }

  private firstFit(chunks: number): number {
    if (chunks < 32) {
      const low = this.low & (-1 << chunks)
      if (low !== 0) return this.lists.first(lowestBit(low))
    }
    const high = chunks <= 32 ? this.high : this.high & (-1 << (chunks - 32))
    return high === 0 ? -1 : this.lists.first(32 + lowestBit(high))
  }
}

function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word)
}
