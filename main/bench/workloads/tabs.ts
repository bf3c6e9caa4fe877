import { AccessPattern, type PatternSpec } from './access-pattern.ts'
import type { AccessShape } from './stream.ts'
import { ZipfRanks } from './zipf-ranks.ts'

const USE = 0
const CLOSE = 1
const OPEN = 2

/** How often a visit touches each page of its tab, on average: long enough that a returning tab is wholly swapped in. */
const TOUCHES_A_PAGE = 4

/**
 * A browser: the address space is shared out among tabs. A tab is used for a while (accesses fall evenly on its pages), left,
 * and another returned to; the one left last is the likeliest, by a Zipf law over recency. Now and then the tab being left is closed instead: each of its
 * pages is freed, and a new tab written in its place and used. Pages of the address space beyond the last whole tab are not used.
 */
export class Tabs extends AccessPattern {
  private readonly recency: ZipfRanks | null
  /** Tabs by recency: the one in use first. */
  private readonly order: Uint16Array
  /** Pages of one tab. */
  private readonly size: number
  private readonly close: number
  private stage = USE
  private base = 0
  private left: number

  constructor(spec: PatternSpec<'tabs'>, shape: AccessShape) {
    super(spec, shape)
    const tabs = Math.min(spec.tabs, shape.pages)
    this.recency = tabs > 1 ? new ZipfRanks(tabs - 1, spec.recency) : null
    this.order = this.random.shuffle(Uint16Array.from({ length: tabs }, (_, tab) => tab))
    this.size = Math.floor(shape.pages / tabs)
    this.close = spec.close
    this.base = this.order[0] * this.size
    this.left = this.size * TOUCHES_A_PAGE
  }

  next(): void {
    if (this.left === 0) this.turn()
    this.left--
    const next = this.base + this.size - 1 - this.left
    if (this.stage === USE) this.touch(this.base + this.random.below(this.size))
    else if (this.stage === CLOSE) this.free(next)
    else this.write(next)
  }

  private turn(): void {
    if (this.stage === CLOSE) {
      this.stage = OPEN
      this.left = this.size
      return
    }
    if (this.stage === USE) {
      if (this.random.float() < this.close) {
        this.stage = CLOSE
        this.left = this.size
        return
      }
      if (this.recency) this.returnTo(1 + this.recency.draw(this.random))
    }
    this.stage = USE
    this.left = this.size * TOUCHES_A_PAGE
  }

  private returnTo(rank: number): void {
    const tab = this.order[rank]
    this.order.copyWithin(1, 0, rank)
    this.order[0] = tab
    this.base = tab * this.size
  }
}
