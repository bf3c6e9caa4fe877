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
  sharePages,
  WRITE,
} from './stream.ts'

type Spec = Extract<AccessSpec, { pattern: 'burst' }>

const CALM = 0
const ALLOCATE = 1
const USE = 2
const RELEASE = 3

/**
 * A service that now and then allocates a large buffer, uses it and frees it: a cycle of calm (accesses fall evenly on the base
 * region), allocate (each page of the burst region is written once, in order), use (evenly on both), and release (each page
 * freed, in order). Calm and use last twice as many accesses as the burst has pages. The burst region is the top of the
 * address space, and only touched between its allocation and its release.
 */
class Burst implements AccessStream {
  vpn = 0
  op: AccessOp = READ
  private readonly random: Random
  private readonly pages: number
  private readonly base: number
  private readonly burst: number
  private readonly writes: number
  private stage = CALM
  private step = 0

  constructor(spec: Spec, shape: AccessShape) {
    this.random = new Random(shape.seed, ACCESS_RANDOM)
    this.pages = shape.pages
    this.burst = sharePages(spec.size, shape.pages)
    this.base = shape.pages - this.burst
    this.writes = spec.writes
  }

  next(): void {
    const stage = this.stage
    const step = this.step
    const walks = stage === ALLOCATE || stage === RELEASE
    if (step + 1 === (walks ? this.burst : 2 * this.burst)) {
      this.stage = (stage + 1) & 3
      this.step = 0
    } else {
      this.step = step + 1
    }
    if (walks) {
      this.vpn = this.base + step
      this.op = stage === ALLOCATE ? WRITE : FREE
    } else {
      this.vpn = this.random.below(stage === USE ? this.pages : this.base)
      this.op = chooseOp(this.random, this.writes)
    }
  }
}

export function createBurst(spec: Spec, shape: AccessShape): AccessStream {
  return new Burst(spec, shape)
}
