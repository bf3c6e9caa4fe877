import { AccessPattern, type PatternSpec, sharePages } from './access-pattern.ts'
import type { AccessShape } from './stream.ts'

/**
 * A hot set that moves: during each of `phases` equal stretches of the run, accesses fall evenly on one contiguous region; then
 * the region jumps (P. J. Denning's phase-transition view of locality, CACM 2021 and before). Regions of successive phases
 * are disjoint where the space has room for both.
 */
export class Phases extends AccessPattern {
  private readonly hot: number
  private readonly step: number
  private readonly stretch: number
  private base: number
  private left: number

  constructor(spec: PatternSpec<'phases'>, shape: AccessShape) {
    super(spec, shape)
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
    this.touch(vpn >= this.pages ? vpn - this.pages : vpn)
  }
}
