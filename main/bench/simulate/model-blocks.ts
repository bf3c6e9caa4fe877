import { ZpageBlocks } from '../../swapfile/index.ts'
import { TAG_BYTES } from './page-tags.ts'

/**
 * Blocks of zpages on a simulated disk: of each its directory and the tags of its zpages, which is what a simulated zpage has. By place; a
 * row is count, then for each zpage slot, generation, offset and bytes, and the words of its tag.
 */

const TAG_WORDS = TAG_BYTES / 4
const ROW_WORDS = 4 + TAG_WORDS
const PAGE_BYTES = 4096

export class ModelBlocks {
  private readonly format: ZpageBlocks
  private readonly words: Int32Array
  private readonly rows = new Map<number, Int32Array>()

  /** @param arena what is written and read lies in pages of it */
  constructor(arena: Uint8Array) {
    this.format = new ZpageBlocks(arena)
    this.words = new Int32Array(arena.buffer, arena.byteOffset, arena.byteLength >> 2)
  }

  /** A page of the arena, which may be a block, is on disk at a place from now on. */
  write(place: number, page: number): void {
    const { format, words } = this
    if (!format.isBlock(page)) {
      this.rows.delete(place)
      return
    }
    const count = format.count(page)
    const row = new Int32Array(count * ROW_WORDS)
    for (let i = 0, at = 0; i < count; i++, at += ROW_WORDS) {
      const tag = format.offsetOf(page, i) >> 2
      row[at] = format.slotOf(page, i)
      row[at + 1] = format.generationOf(page, i)
      row[at + 2] = format.offsetOf(page, i) - page * PAGE_BYTES
      row[at + 3] = format.bytesOf(page, i)
      for (let word = 0; word < TAG_WORDS; word++) row[at + 4 + word] = words[tag + word]
    }
    this.rows.set(place, row)
  }

  /** Gives a page of the arena what lies at a place. */
  read(place: number, page: number): void {
    const { format, words } = this
    const row = this.rows.get(place)
    if (!row) {
      format.erase(page)
      return
    }
    format.clear(page)
    for (let at = 0; at < row.length; at += ROW_WORDS) {
      const offset = format.add(page, row[at], row[at + 1], row[at + 3])
      if (offset !== page * PAGE_BYTES + row[at + 2])
        throw new Error(`the block at place ${place} cannot be made again`)
      for (let word = 0; word < TAG_WORDS; word++) words[(offset >> 2) + word] = row[at + 4 + word]
    }
  }

  /** Something that is no block was written to a place. */
  forget(place: number): void {
    this.rows.delete(place)
  }
}
