import type { AccessSpec } from '../../contract/index.ts'
import { Random } from './random.ts'
import {
  ACCESS_RANDOM,
  type AccessOp,
  type AccessShape,
  type AccessStream,
  chooseOp,
  FREE,
  READ,
  WRITE,
} from './stream.ts'
import { ZipfRanks } from './zipf-ranks.ts'

type Spec = Extract<AccessSpec, { pattern: 'tabs' }>

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
class Tabs implements AccessStream {
  vpn = 0
  op: AccessOp = READ
  private readonly random: Random
  private readonly recency: ZipfRanks | null
  /** Tabs by recency: the one in use first. */
  private readonly order: Uint16Array
  /** Pages of one tab. */
  private readonly size: number
  private readonly close: number
  private readonly writes: number
  private stage = USE
  private base = 0
  private left: number

  constructor(spec: Spec, shape: AccessShape) {
    const tabs = Math.min(spec.tabs, shape.pages)
    this.random = new Random(shape.seed, ACCESS_RANDOM)
    this.recency = tabs > 1 ? new ZipfRanks(tabs - 1, spec.recency) : null
    this.order = this.random.shuffle(Uint16Array.from({ length: tabs }, (_, tab) => tab))
    this.size = Math.floor(shape.pages / tabs)
    this.close = spec.close
    this.writes = spec.writes
    this.base = this.order[0] * this.size
    this.left = this.size * TOUCHES_A_PAGE
  }

  next(): void {
    if (this.left === 0) this.turn()
    this.left--
    if (this.stage === USE) {
      this.vpn = this.base + this.random.below(this.size)
      this.op = chooseOp(this.random, this.writes)
    } else {
      this.vpn = this.base + this.size - 1 - this.left
      this.op = this.stage === CLOSE ? FREE : WRITE
    }
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

export function createTabs(spec: Spec, shape: AccessShape): AccessStream {
  return new Tabs(spec, shape)
}
