import { FrameLists } from './frame-lists.ts'

/** Frames without room for another zpage. */
const FULL = 64
const ZOMBIE = 65
const LISTS = 66

/**
 * The frames of mm/zbud.c and z3fold: listed by their free chunks (0..63), newest first as the kernel's list_add has it, beside
 * the full ones and the zombies; and the LRU of all that are not zombies, by last insertion.
 */
export class Unbuddied {
  static readonly BYTES_PER_FRAME = 2 * FrameLists.BYTES_PER_FRAME

  full = 0
  zombies = 0
  unbuddied = 0
  private readonly lists: FrameLists
  private readonly lru: FrameLists
  // Bit c is set where list c is not empty: free chunks 0..31 and 32..63.
  private low = 0
  private high = 0

  constructor(frames: number) {
    this.lists = new FrameLists(frames, LISTS)
    this.lru = new FrameLists(frames, 1)
  }

  /** The first frame of the first list with at least so many (1..63) free chunks; -1 where there is none. */
  firstFit(chunks: number): number {
    if (chunks < 32) {
      const low = this.low & (-1 << chunks)
      if (low !== 0) return this.lists.first(lowestBit(low))
    }
    const high = chunks <= 32 ? this.high : this.high & (-1 << (chunks - 32))
    return high === 0 ? -1 : this.lists.first(32 + lowestBit(high))
  }

  /** Lists a frame; `freeChunks` < 0: it takes no more zpages. */
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

  enlistZombie(frame: number): void {
    this.zombies++
    this.lists.pushFirst(ZOMBIE, frame)
  }

  isZombie(frame: number): boolean {
    return this.lists.listOf(frame) === ZOMBIE
  }

  isListed(frame: number): boolean {
    return this.lists.listOf(frame) >= 0
  }

  /** Free chunks it is listed under; -1 where it is full, a zombie or not listed. */
  freeChunksOf(frame: number): number {
    const list = this.lists.listOf(frame)
    return list < FULL ? list : -1
  }

  oldest(): number {
    return this.lru.last(0)
  }

  isOnLru(frame: number): boolean {
    return this.lru.listOf(frame) >= 0
  }

  /** To the young end, from wherever it is. */
  touch(frame: number): void {
    if (this.lru.listOf(frame) >= 0) this.lru.remove(frame)
    this.lru.pushFirst(0, frame)
  }

  forget(frame: number): void {
    this.lru.remove(frame)
  }
}

function lowestBit(word: number): number {
  return 31 - Math.clz32(word & -word)
}
