import type { AccessSpec } from '../../contract/index.ts'
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

type Spec = Extract<AccessSpec, { pattern: 'phases' }>

/**
 * A hot set that moves: during each of `phases` equal stretches of the run, accesses fall evenly on one contiguous region; then
 * the region jumps (P. J. Denning's phase-transition view of locality, CACM 2021 and before). Regions of successive phases
 * are disjoint where the space has room for both.
 */
class Phases implements AccessStream {
  vpn = 0
  op: AccessOp = READ
  private readonly random: Random
  private readonly pages: number
  private readonly writes: number
  private readonly hot: number
  private readonly step: number
  private readonly stretch: number
  private base: number
  private left: number

  constructor(spec: Spec, shape: AccessShape) {
    this.random = new Random(shape.seed, ACCESS_RANDOM)
    this.pages = shape.pages
    this.writes = spec.writes
    this.hot = sharePages(spec.hot, shape.pages)
    this.step = Math.max(this.hot, Math.floor(shape.pages / spec.phases))
    this.stretch = Math.max(1, Math.ceil(shape.operations / spec.phases))
    this.base = this.random.below(shape.pages)
    this.left = this.stretch
  }

  next(): void {
    if (this.left === 0) {
      this.base = (this.base + this.step) % this.pages
      this.left = this.stretch
    }
    this.left--
    const vpn = this.base + this.random.below(this.hot)
    this.vpn = vpn >= this.pages ? vpn - this.pages : vpn
    this.op = chooseOp(this.random, this.writes)
  }
}

export function createPhases(spec: Spec, shape: AccessShape): AccessStream {
  return new Phases(spec, shape)
}
