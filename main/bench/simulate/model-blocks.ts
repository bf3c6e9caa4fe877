import { PAGE_SIZE } from '../../contract/index.ts'
import { ZpageBlocks } from '../../swapfile/index.ts'
import { TAG_WORDS, type ZpageTags } from './page-tags.ts'

/**
 * Blocks of zpages on a simulated disk: of each its directory and the tags of its zpages, which is what a simulated zpage has. By place; a
 * row is count, then for each zpage slot, generation, offset and bytes, and the words of its tag.
 */

const ROW_WORDS = 4 + TAG_WORDS

export class ModelBlocks {
  private readonly format: ZpageBlocks
  private readonly tags: ZpageTags
  private readonly rows = new Map<number, Int32Array>()

  /** @param arena the directories of what is written and read lie in pages of it */
  constructor(arena: Uint8Array, tags: ZpageTags) {
    this.format = new ZpageBlocks(arena)
    this.tags = tags
  }

  /** A page of the arena, which may be a block, is on disk at a place from now on. */
  write(place: number, page: number): void {
    const { format, tags } = this
    if (!format.isBlock(page)) {
      this.rows.delete(place)
      return
    }
    const count = format.count(page)
    const row = new Int32Array(count * ROW_WORDS)
    for (let i = 0, at = 0; i < count; i++, at += ROW_WORDS) {
      const tag = tags.at(format.offsetOf(page, i))
      row[at] = format.slotOf(page, i)
      row[at + 1] = format.generationOf(page, i)
      row[at + 2] = format.offsetOf(page, i) - page * PAGE_SIZE
      row[at + 3] = format.bytesOf(page, i)
      for (let word = 0; word < TAG_WORDS; word++) row[at + 4 + word] = tags.words[tag + word]
    }
    this.rows.set(place, row)
  }

  /** Gives a page of the arena what lies at a place. */
  read(place: number, page: number): void {
    const { format, tags } = this
    const row = this.rows.get(place)
    if (!row) {
      format.erase(page)
      return
    }
    format.clear(page)
    for (let at = 0; at < row.length; at += ROW_WORDS) {
      const offset = format.add(page, row[at], row[at + 1], row[at + 3])
      if (offset !== page * PAGE_SIZE + row[at + 2]) throw new Error(`the block at place ${place} cannot be made again`)
      const tag = tags.at(offset)
      for (let word = 0; word < TAG_WORDS; word++) tags.words[tag + word] = row[at + 4 + word]
    }
  }

  /** Something that is no block was written to a place. */
  forget(place: number): void {
    this.rows.delete(place)
  }
}
