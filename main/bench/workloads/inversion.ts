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
  WRITE,
} from './stream.ts'
import { ZipfRanks } from './zipf-ranks.ts'

type Spec = Extract<AccessSpec, { pattern: 'inversion' }>

/**
 * A cold bulk, written once in order at the start and never touched again; from then on a hot set, by a Zipf law. Where the hot set
 * itself does not fit the RAM, the bulk, which was evicted first, sits in the pool, and hot pages go to disk: the inversion of age that
 * writeback is to undo. The bulk is the low end of the address space; its writes come before any access to the hot set.
 */
class Inversion implements AccessStream {
  vpn = 0
  op: AccessOp = READ
  private readonly random: Random
  private readonly ranks: ZipfRanks
  private readonly place: Permutation
  private readonly bulk: number
  private readonly writes: number
  private written = 0

  constructor(spec: Spec, shape: AccessShape) {
    const hot = sharePages(spec.hot, shape.pages)
    this.random = new Random(shape.seed, ACCESS_RANDOM)
    this.ranks = new ZipfRanks(hot, spec.theta)
    this.place = new Permutation(hot, shape.seed)
    this.bulk = shape.pages - hot
    this.writes = spec.writes
  }

  next(): void {
    if (this.written < this.bulk) {
      this.vpn = this.written++
      this.op = WRITE
      return
    }
    this.vpn = this.bulk + this.place.at(this.ranks.draw(this.random))
    this.op = chooseOp(this.random, this.writes)
  }
}

export function createInversion(spec: Spec, shape: AccessShape): AccessStream {
  return new Inversion(spec, shape)
}
