import type { AccessSpec } from '../../contract/index.ts'
import { Permutation } from './permutation.ts'
import { Random } from './random.ts'
import { ACCESS_RANDOM, type AccessOp, type AccessShape, type AccessStream, chooseOp, READ } from './stream.ts'
import { createUniform } from './uniform.ts'
import { ZipfRanks } from './zipf-ranks.ts'

type Spec = Extract<AccessSpec, { pattern: 'zipf' }>

/**
 * The page of rank k is touched in proportion to 1 / k^theta; the ranks are scattered over the address space by a seeded
 * permutation, so that hot pages are no neighbours and readahead gets nothing for free.
 */
class Zipf implements AccessStream {
  vpn = 0
  op: AccessOp = READ
  private readonly random: Random
  private readonly ranks: ZipfRanks
  private readonly place: Permutation
  private readonly writes: number

  constructor(spec: Spec, shape: AccessShape) {
    this.random = new Random(shape.seed, ACCESS_RANDOM)
    this.ranks = new ZipfRanks(shape.pages, spec.theta)
    this.place = new Permutation(shape.pages, shape.seed)
    this.writes = spec.writes
  }

  next(): void {
    this.vpn = this.place.at(this.ranks.draw(this.random))
    this.op = chooseOp(this.random, this.writes)
  }
}

export function createZipf(spec: Spec, shape: AccessShape): AccessStream {
  // The uniform law needs neither ranks nor their places.
  if (spec.theta === 0) return createUniform({ pattern: 'uniform', writes: spec.writes }, shape)
  return new Zipf(spec, shape)
}
