import type { AccessSpec } from '../../contract/index.ts'
import { Random } from './random.ts'
import { ACCESS_RANDOM, type AccessOp, type AccessShape, type AccessStream, chooseOp, READ } from './stream.ts'

type Spec = Extract<AccessSpec, { pattern: 'sequential' }>

/** Page 0, 1, 2 … round and round: the pattern that defeats LRU as soon as it exceeds the RAM. */
class Sequential implements AccessStream {
  vpn: number
  op: AccessOp = READ
  private readonly random: Random
  private readonly pages: number
  private readonly writes: number

  constructor(spec: Spec, shape: AccessShape) {
    this.random = new Random(shape.seed, ACCESS_RANDOM)
    this.pages = shape.pages
    this.writes = spec.writes
    this.vpn = shape.pages - 1
  }

  next(): void {
    this.vpn = this.vpn + 1 === this.pages ? 0 : this.vpn + 1
    this.op = chooseOp(this.random, this.writes)
  }
}

export function createSequential(spec: Spec, shape: AccessShape): AccessStream {
  return new Sequential(spec, shape)
}
