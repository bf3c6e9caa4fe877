import type { Random } from './random.ts'

/**
 * Ranks 0 .. count-1, the k-th (counted from 1) in proportion to 1 / k^theta.
 *
 * Sampling: rejection-inversion for monotone discrete distributions (W. Hörmann, G. Derflinger, ACM TOMACS 6(3), 1996): exact
 * for any theta > 0, no table, about 1.1 tries a sample. A theta of 0 is the uniform law, for which the method has no bound that would
 * reject anything.
 */
export class ZipfRanks {
  private readonly count: number
  private readonly theta: number
  // H at the two ends of the range that u is drawn from, and bounds below which no evaluation of H is needed. They grow with k,
  // to 0.5: the one of 2 holds for every rank, and two more leave little to be evaluated far out.
  private readonly hFirst: number
  private readonly hLast: number
  private readonly accept: number
  private readonly acceptFrom16: number
  private readonly acceptFrom256: number

  /** count >= 1, theta >= 0 */
  constructor(count: number, theta: number) {
    this.count = count
    this.theta = theta
    this.hFirst = this.integral(1.5) - 1
    this.hLast = this.integral(count + 0.5)
    this.accept = this.bound(2)
    this.acceptFrom16 = this.bound(16)
    this.acceptFrom256 = this.bound(256)
  }

  draw(random: Random): number {
    if (this.theta === 0) return random.below(this.count)
    for (;;) {
      const u = this.hLast + random.float() * (this.hFirst - this.hLast)
      const x = this.inverse(u)
      let k = (x + 0.5) | 0 // as floor: 0 < x < 2^31
      if (k < 1) k = 1
      else if (k > this.count) k = this.count
      const accept = k < 16 ? this.accept : k < 256 ? this.acceptFrom16 : this.acceptFrom256
      if (k - x <= accept || u >= this.integral(k + 0.5) - this.density(k)) return k - 1
    }
  }

  /** How far below k a sample may fall and still be k. */
  private bound(k: number): number {
    return k - this.inverse(this.integral(k + 0.5) - this.density(k))
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
