import type { LogCounters } from './log-counters.ts'
import type { LogMap } from './log-map.ts'
import { breach, type SwapIo } from './swap-io.ts'
import { MAX_BLOCK_ZPAGE_BYTES, MAX_BLOCK_ZPAGES, type ZpageBlocks } from './zpage-block.ts'

/** Reads blocks of zpages back, one at a time, into a page of the arena that is its own. Trusts nothing that comes from disk. */
export class BlockReader {
  private readonly parts: {
    device: SwapIo
    map: LogMap
    format: ZpageBlocks
    counts: LogCounters
    /** Generation of each slot, bumped when it is freed. */
    generations: Uint32Array
  }
  private readonly page: number
  private readonly frames: Int32Array

  constructor(page: number, parts: BlockReader['parts']) {
    this.parts = parts
    this.page = page
    this.frames = Int32Array.of(page)
  }

  /** As ZpageArea.readBlock. */
  read(slot: number, along: Int32Array): number {
    const { device, map, format, counts } = this.parts
    const { page } = this
    const place = map.placeOf(slot)
    if (place < 0 || !map.isBlock(place)) breach(`slot ${slot} has no zpage on disk`)
    device.read(place, this.frames, 1)
    counts.log_read_pages++
    this.rowOf(slot)
    const count = format.count(page)
    let others = 0
    for (let i = 0; i < count; i++) {
      const other = format.slotOf(page, i)
      if (other >= 0 && other !== slot && map.placeOf(other) === place) along[others++] = other
    }
    return others
  }

  /** Byte offset in the arena of a slot's zpage in the block read last. */
  offsetOf(slot: number): number {
    return this.parts.format.offsetOf(this.page, this.rowOf(slot))
  }

  bytesOf(slot: number): number {
    return this.parts.format.bytesOf(this.page, this.rowOf(slot))
  }

  /** @throws LabError `invariant`: the disk gave another block, or a damaged one */
  private rowOf(slot: number): number {
    const { map, format, generations } = this.parts
    const { page } = this
    const count = format.isBlock(page) ? Math.min(format.count(page), MAX_BLOCK_ZPAGES) : 0
    for (let i = 0; i < count; i++)
      if (
        format.slotOf(page, i) === slot &&
        format.generationOf(page, i) === generations[slot] &&
        format.bytesOf(page, i) <= MAX_BLOCK_ZPAGE_BYTES
      )
        return i
    return breach(`the block at place ${map.placeOf(slot)} holds no zpage of slot ${slot}`)
  }
}
