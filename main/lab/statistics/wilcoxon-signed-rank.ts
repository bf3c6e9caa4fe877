import { sortedFinite } from './median.ts'
import { normalQuantile, normalUpperTail } from './normal-distribution.ts'
import { midranks, tieTerm } from './ranks.ts'

/** Up to this many differences the distribution is exact: 200 × 20 100 steps, a few milliseconds. */
const SIGNED_RANK_EXACT_MAX = 200

export interface SignedRank {
  /** Sum of the ranks of the positive differences. */
  wPlus: number
  /** Two-sided. */
  p: number
  /** Differences that are not zero: the only ones that speak (Wilcoxon 1945). */
  n: number
  method: 'exact' | 'normal'
}

/**
 * Wilcoxon signed-rank test of paired differences around 0. Exact up to 200 differences, ties included (the permutation
 * distribution of the midranks, by the shift algorithm of Streitberg and Röhmel 1986), normal with tie correction beyond.
 */
export function wilcoxonSignedRank(differences: readonly number[]): SignedRank {
  const moving = sortedFinite(differences).filter((difference) => difference !== 0)
  const n = moving.length
  if (n === 0) return { wPlus: 0, p: 1, n, method: 'exact' }
  const { ranks, ties } = midranks(moving.map(Math.abs))
  let wPlus = 0
  for (let index = 0; index < n; index++) if (moving[index] > 0) wPlus += ranks[index]
  const total = (n * (n + 1)) / 2
  const extreme = Math.max(wPlus, total - wPlus)
  if (n <= SIGNED_RANK_EXACT_MAX) {
    // Midranks are multiples of one half, so twice the rank is an integer.
    const masses = signMasses(ranks.map((rank) => 2 * rank))
    let tail = 0
    for (let sum = masses.length - 1; sum >= 2 * extreme; sum--) tail += masses[sum]
    return { wPlus, p: Math.min(1, 2 * tail), n, method: 'exact' }
  }
  const deviation = Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24 - tieTerm(ties) / 48)
  return { wPlus, p: Math.min(1, 2 * normalUpperTail((extreme - total / 2) / deviation)), n, method: 'normal' }
}

/** Probability of each sum where every weight is taken or left with equal chance. */
function signMasses(weights: readonly number[]): Float64Array {
  const masses = new Float64Array(weights.reduce((sum, weight) => sum + weight, 0) + 1)
  masses[0] = 1
  let reach = 0
  for (const weight of weights) {
    reach += weight
    for (let sum = reach; sum >= weight; sum--) masses[sum] = (masses[sum] + masses[sum - weight]) / 2
    for (let sum = Math.min(weight, reach + 1) - 1; sum >= 0; sum--) masses[sum] /= 2
  }
  return masses
}

/**
 * How many of the n(n+1)/2 ordered Walsh averages lie outside the interval of the given confidence, per side; −1 where
 * n differences cannot carry that confidence at all (below 6 for 95 %).
 */
export function signedRankMargin(n: number, level: number): number {
  const tail = (1 - level) / 2
  if (n > SIGNED_RANK_EXACT_MAX) {
    const deviation = Math.sqrt((n * (n + 1) * (2 * n + 1)) / 24)
    return Math.floor((n * (n + 1)) / 4 - normalQuantile(1 - tail) * deviation)
  }
  const masses = signMasses(Array.from({ length: n }, (_, index) => index + 1))
  let below = 0
  let margin = -1
  while (margin + 1 < masses.length && below + masses[margin + 1] <= tail) {
    margin++
    below += masses[margin]
  }
  return margin
}
