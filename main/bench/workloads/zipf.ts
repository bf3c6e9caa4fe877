import type { AccessSpec } from '../../contract/index.ts'
import { Permutation } from './permutation.ts'
import { Random } from './random.ts'
import { ACCESS_RANDOM, type AccessOp, type AccessShape, type AccessStream, chooseOp, READ } from './stream.ts'
import { createUniform } from './uniform.ts'

type Spec = Extract<AccessSpec, { pattern: 'zipf' }>

/**
 * The page of rank k is touched in proportion to 1 / k^theta; the ranks are scattered over the address space by a seeded
 * permutation, so that hot pages are no neighbours and readahead gets nothing for free.
 *
 * Sampling: rejection-inversion for monotone discrete distributions (W. Hörmann, G. Derflinger, ACM TOMACS 6(3), 1996): exact
 * for any theta > 0, no table, about 1.1 tries a sample.
 */
class Zipf implements AccessStream {
  vpn = 0
  op: AccessOp = READ
  private readonly random: Random
  private readonly place: Permutation
  private readonly pages: number
  private readonly theta: number
  private readonly writes: number
  // H at the two ends of the range that u is drawn from, and the bound below which no evaluation of H is needed.
  private readonly hFirst: number
  private readonly hLast: number
  private readonly accept: number

  constructor(spec: Spec, shape: AccessShape) {
    this.random = new Random(shape.seed, ACCESS_RANDOM)
    this.place = new Permutation(shape.pages, shape.seed)
    this.pages = shape.pages
    this.theta = spec.theta
    this.writes = spec.writes
    this.hFirst = this.integral(1.5) - 1
    this.hLast = this.integral(shape.pages + 0.5)
    this.accept = 2 - this.inverse(this.integral(2.5) - this.density(2))
  }

  next(): void {
    this.vpn = this.place.at(this.rank() - 1)
    this.op = chooseOp(this.random, this.writes)
  }

  /** 1 .. pages */
  private rank(): number {
    for (;;) {
      const u = this.hLast + this.random.float() * (this.hFirst - this.hLast)
      const x = this.inverse(u)
      let k = Math.floor(x + 0.5)
      if (k < 1) k = 1
      else if (k > this.pages) k = this.pages
      if (k - x <= this.accept || u >= this.integral(k + 0.5) - this.density(k)) return k
    }
  }

  /** h(x) = x^-theta */
  private density(x: number): number {
    return Math.exp(-this.theta * Math.log(x))
  }

  /** H(x): the integral of h from 1 to x, (x^(1-theta) - 1) / (1-theta), and log x at theta = 1. */
  private integral(x: number): number {
    const log = Math.log(x)
    const t = (1 - this.theta) * log
    return Math.abs(t) < 1e-8 ? log * (1 + t / 2) : (log * Math.expm1(t)) / t
  }

  /** H^-1 */
  private inverse(y: number): number {
    const t = Math.max(-1, y * (1 - this.theta)) // rounding may fall below the pole
    return Math.exp(Math.abs(t) < 1e-8 ? y * (1 - t / 2) : (y * Math.log1p(t)) / t)
  }
}

/** A theta of 0 is the uniform law, for which H has no bound that would reject anything. */
export function createZipf(spec: Spec, shape: AccessShape): AccessStream {
  if (spec.theta === 0) return createUniform({ pattern: 'uniform', writes: spec.writes }, shape)
  return new Zipf(spec, shape)
}
