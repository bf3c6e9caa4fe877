import type { AccessSpec } from '../../contract/index.ts'
import { Permutation } from './permutation.ts'
import { Random } from './random.ts'
import {
  ACCESS_RANDOM,
  type AccessOp,
  type AccessShape,
  type AccessStream,
  chooseOp,
  READ,
  sharePages,
} from './stream.ts'
import { ZipfRanks } from './zipf-ranks.ts'

type Spec = Extract<AccessSpec, { pattern: 'gc' }>

/**
 * A program with a tracing garbage collector: the mutator works on a hot share of the heap by a Zipf law; now and then the
 * collector walks the whole heap in order, live and garbage alike, and touches pages that nobody has used since the last sweep (M. Hertz,
 * Y. Feng, E. D. Berger, "Garbage collection without paging", PLDI 2005). The hot pages are scattered over the heap. Between two sweeps lie as many
 * accesses of the mutator as give the sweeps their share. Marks lie aside in a bitmap: a sweep only reads.
 */
class Gc implements AccessStream {
  vpn = 0
  op: AccessOp = READ
  private readonly random: Random
  private readonly ranks: ZipfRanks
  private readonly place: Permutation
  private readonly pages: number
  private readonly writes: number
  /** Accesses of the mutator between two sweeps; 0 is a collector that never rests. */
  private readonly mutator: number
  private left: number
  /** Next page of the sweep under way; `pages` while the mutator works. */
  private cursor: number

  constructor(spec: Spec, shape: AccessShape) {
    const { pages } = shape
    this.random = new Random(shape.seed, ACCESS_RANDOM)
    this.ranks = new ZipfRanks(sharePages(spec.hot, pages), spec.theta)
    this.place = new Permutation(pages, shape.seed)
    this.pages = pages
    this.writes = spec.writes
    this.mutator = spec.sweeps === 0 ? Number.POSITIVE_INFINITY : Math.round((pages * (1 - spec.sweeps)) / spec.sweeps)
    this.left = this.mutator
    this.cursor = this.mutator === 0 ? 0 : pages
  }

  next(): void {
    if (this.cursor < this.pages) {
      this.vpn = this.cursor++
      this.op = READ
      if (this.cursor < this.pages) return
      this.left = this.mutator
      if (this.left === 0) this.cursor = 0
      return
    }
    this.vpn = this.place.at(this.ranks.draw(this.random))
    this.op = chooseOp(this.random, this.writes)
    if (--this.left === 0) this.cursor = 0
  }
}

export function createGc(spec: Spec, shape: AccessShape): AccessStream {
  return new Gc(spec, shape)
}
