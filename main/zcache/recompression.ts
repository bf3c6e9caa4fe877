import { PAGE_SIZE } from '../contract/index.ts'
import type { Allocator } from './allocators/index.ts'
import type { PageCodec } from './codec.ts'
import type { Zpages } from './zpages.ts'

/**
 * A second codec for zpages that the first left large, as zram's recompression: the page is taken out with the first, compressed with
 * the second, and kept that way where it then takes less room. Of each zpage Zpages knows which codec wrote it.
 * Source: drivers/block/zram (recompress_slot), Documentation/admin-guide/blockdev/zram.rst.
 */

export interface SecondCodec {
  codec: PageCodec
  /** A page of the arena that nothing else uses, which a zpage is decompressed into. */
  page: number
}

export interface RecompressRule {
  /** Zpages below it are left as they are, and so are those that do not come below it; bytes, 0 is none. */
  threshold: number
  /** Larger results are of no use. */
  maxZpageBytes: number
  /** What the allocator takes for a zpage, bytes: the second codec must bring it down. */
  roomOf(bytes: number): number
}

export class Recompression {
  readonly counters = {
    /** Entries now, by the flags r and n of zram's block_state: written by the second codec; improved by none. */
    recompressed_pages: 0,
    incompressible_pages: 0,
    /** Pages the second codec was given, and of them those that took less room but found none at once. */
    recompress_tried: 0,
    recompress_no_room: 0,
  }
  private readonly first: PageCodec
  private readonly second: PageCodec
  private readonly page: number
  private readonly rule: RecompressRule
  private readonly allocator: Allocator
  private readonly zpages: Zpages

  constructor(
    first: PageCodec,
    second: SecondCodec,
    rule: RecompressRule,
    pool: { allocator: Allocator; zpages: Zpages },
  ) {
    this.first = first
    this.second = second.codec
    this.page = second.page
    this.rule = rule
    this.allocator = pool.allocator
    this.zpages = pool.zpages
  }

  /** The codec that wrote a zpage. */
  codecOf(zpage: number): PageCodec {
    return this.zpages.bySecondCodec(zpage) ? this.second : this.first
  }

  isIncompressible(zpage: number): boolean {
    return this.zpages.isIncompressible(zpage)
  }

  /** Whether the second codec has not been at it, and is to be. */
  mayTry(zpage: number): boolean {
    const { zpages } = this
    return (
      !zpages.bySecondCodec(zpage) &&
      !zpages.isIncompressible(zpage) &&
      this.allocator.bytesOf(zpage) >= this.rule.threshold
    )
  }

  /**
   * Gives a zpage to the second codec. What takes no less room is marked incompressible, and never tried again.
   * @returns its new descriptor, in the old one's place among the zpages, whose bytes are still to be freed; -1 where it stays as it is
   */
  try(zpage: number): number {
    const { allocator, counters, first, page, rule, second, zpages } = this
    const old = allocator.bytesOf(zpage)
    counters.recompress_tried++
    const from = allocator.locate(zpage)
    if (old === PAGE_SIZE) first.loadRaw(from, page)
    else first.decompress(from, old, page)
    const bytes = second.compress(page, second.scratch, rule.maxZpageBytes)
    if (bytes === 0 || rule.roomOf(bytes) >= rule.roomOf(old)) {
      zpages.setIncompressible(zpage)
      counters.incompressible_pages++
      return -1
    }
    if (rule.threshold > 0 && bytes >= rule.threshold) return -1
    const fresh = allocator.alloc(bytes, allocator.slotOf(zpage), allocator.generationOf(zpage))
    if (fresh < 0) {
      counters.recompress_no_room++
      return -1
    }
    allocator.place(fresh, second.scratch)
    zpages.replace(zpage, fresh)
    counters.recompressed_pages++
    return fresh
  }

  /** A zpage leaves the pool. */
  forget(zpage: number): void {
    if (this.zpages.bySecondCodec(zpage)) this.counters.recompressed_pages--
    else if (this.zpages.isIncompressible(zpage)) this.counters.incompressible_pages--
  }

  /** What is wrong with the books, in sentences. */
  audit(): string[] {
    const { zpages, counters } = this
    let recompressed = 0
    let incompressible = 0
    for (let zpage = zpages.oldest(); zpage >= 0; zpage = zpages.younger(zpage)) {
      if (zpages.bySecondCodec(zpage)) recompressed++
      if (zpages.isIncompressible(zpage)) incompressible++
    }
    return recompressed === counters.recompressed_pages && incompressible === counters.incompressible_pages
      ? []
      : [
          `${recompressed} zpages are by the second codec and ${incompressible} are marked incompressible, ` +
            `${counters.recompressed_pages} and ${counters.incompressible_pages} counted`,
        ]
  }
}
