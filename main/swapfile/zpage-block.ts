/**
 * A block of zpages as it lies on disk: 4096 bytes that say themselves what they hold.
 *
 *   0      4  magic
 *   4      4  zpages in it, those forgotten included
 *   8     12  for each: slot (-1: forgotten before it was written), generation of the slot, offset | bytes << 16
 *   ...       room
 *   ...       the zpages, from the end downwards, each from a multiple of 4 on
 *
 * None straddles two blocks: one that did would take both into memory at a fault, and be alive or dead with either.
 */

const PAGE_WORDS = 1024
const PAGE_BYTES = 4 * PAGE_WORDS
const MAGIC = 0x5a424c4b
const HEADER_WORDS = 2
const ROW_WORDS = 3
const FORGOTTEN = -1

/** Most zpages in a block: at his mean of 694 bytes six fit, so only pages of zeros meet this. */
export const MAX_BLOCK_ZPAGES = 32
/** Most that a zpage takes in a block beside its bytes: its row, and up to a multiple of 4. */
export const MAX_BESIDE_ZPAGE_BYTES = 4 * ROW_WORDS + 3
/** Larger zpages fit no block. */
export const MAX_BLOCK_ZPAGE_BYTES = PAGE_BYTES - 4 * (HEADER_WORDS + ROW_WORDS)

/** Reads and writes blocks in pages of an arena. */
export class ZpageBlocks {
  private readonly words: Int32Array

  /** @param arena 4-byte aligned */
  constructor(arena: Uint8Array) {
    this.words = new Int32Array(arena.buffer, arena.byteOffset, arena.byteLength >> 2)
  }

  isBlock(page: number): boolean {
    return this.words[page * PAGE_WORDS] === MAGIC
  }

  clear(page: number): void {
    this.words[page * PAGE_WORDS] = MAGIC
    this.words[page * PAGE_WORDS + 1] = 0
  }

  /** Makes it no block. */
  erase(page: number): void {
    this.words[page * PAGE_WORDS] = 0
  }

  /** Zpages in it, those forgotten included. */
  count(page: number): number {
    return this.words[page * PAGE_WORDS + 1]
  }

  hasRoom(page: number, bytes: number): boolean {
    const count = this.count(page)
    const rows = 4 * (HEADER_WORDS + (count + 1) * ROW_WORDS)
    return count < MAX_BLOCK_ZPAGES && this.lowest(page, count) - rounded(bytes) >= rows
  }

  /** Enters a zpage that has room. Returns the byte offset in the arena where its bytes belong. */
  add(page: number, slot: number, generation: number, bytes: number): number {
    const count = this.words[page * PAGE_WORDS + 1]++
    const offset = this.lowest(page, count) - rounded(bytes)
    const row = rowOf(page, count)
    this.words[row] = slot
    this.words[row + 1] = generation | 0
    this.words[row + 2] = offset | (bytes << 16)
    return page * PAGE_BYTES + offset
  }

  /** The slot of a zpage; -1 where it was forgotten. */
  slotOf(page: number, index: number): number {
    return this.words[rowOf(page, index)]
  }

  generationOf(page: number, index: number): number {
    return this.words[rowOf(page, index) + 1] >>> 0
  }

  /** Byte offset in the arena. */
  offsetOf(page: number, index: number): number {
    return page * PAGE_BYTES + (this.words[rowOf(page, index) + 2] & 0xffff)
  }

  bytesOf(page: number, index: number): number {
    return this.words[rowOf(page, index) + 2] >>> 16
  }

  /** The row stays, and its room is not used again. Not while the block is being written. */
  forget(page: number, index: number): void {
    this.words[rowOf(page, index)] = FORGOTTEN
  }

  private lowest(page: number, count: number): number {
    return count === 0 ? PAGE_BYTES : this.words[rowOf(page, count - 1) + 2] & 0xffff
  }
}

function rowOf(page: number, index: number): number {
  return page * PAGE_WORDS + HEADER_WORDS + index * ROW_WORDS
}

function rounded(bytes: number): number {
  return (bytes + 3) & ~3
}
