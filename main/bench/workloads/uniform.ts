import type { AccessSpec } from '../../contract/index.ts'
import { Random } from './random.ts'
import { ACCESS_RANDOM, type AccessOp, type AccessShape, type AccessStream, chooseOp, READ } from './stream.ts'

type Spec = Extract<AccessSpec, { pattern: 'uniform' }>

/** Every page as likely as any other: no locality, the worst case of every policy. */
class Uniform implements AccessStream {
  vpn = 0
  op: AccessOp = READ
  private readonly random: Random
  private readonly pages: number
  private readonly writes: number

  constructor(spec: Spec, shape: AccessShape) {
    this.random = new Random(shape.seed, ACCESS_RANDOM)
    this.pages = shape.pages
    this.writes = spec.writes
  }

  next(): void {
    this.vpn = this.random.below(this.pages)
    this.op = chooseOp(this.random, this.writes)
  }
}

export function createUniform(spec: Spec, shape: AccessShape): AccessStream {
  return new Uniform(spec, shape)
}
