import { sortedFinite } from './median.ts'
import { normalUpperTail } from './normal-distribution.ts'
import { midranks, tieTerm } from './ranks.ts'

/** Up to this many trials a side the exact distribution costs under a million steps; the normal one is close beyond. */
export const MANN_WHITNEY_EXACT_MAX = 30

export interface MannWhitney {
  /** Pairs (a, b) with a > b, ties counted half. */
  u: number
  /** Two-sided. */
  p: number
  method: 'exact' | 'normal'
}

/**
 * Mann-Whitney U (Wilcoxon rank sum) of two independent groups: does one tend to be larger? Exact without ties and with
 * at most 30 values a side (recurrence of Mann and Whitney 1947), otherwise normal with tie and continuity correction
 * (Hollander and Wolfe 1999, 4.1). Throws RangeError where a side is empty or a value not finite.
 */
export function mannWhitneyU(a: readonly number[], b: readonly number[]): MannWhitney {
  const m = sortedFinite(a).length
  const n = sortedFinite(b).length
  if (m === 0 || n === 0) throw new RangeError('Mann-Whitney needs values on both sides')
  const { ranks, ties } = midranks([...a, ...b])
  let rankSum = 0
  for (let index = 0; index < m; index++) rankSum += ranks[index]
  const u = rankSum - (m * (m + 1)) / 2
  const extreme = Math.max(u, m * n - u)
  if (ties.length === 0 && Math.max(m, n) <= MANN_WHITNEY_EXACT_MAX) {
    return { u, p: Math.min(1, 2 * exactUpperTail(m, n, extreme)), method: 'exact' }
  }
  const size = m + n
  const variance = ((m * n) / 12) * (size + 1 - tieTerm(ties) / (size * (size - 1)))
  if (variance <= 0) return { u, p: 1, method: 'normal' }
  const z = (extreme - (m * n) / 2 - 0.5) / Math.sqrt(variance)
  return { u, p: Math.min(1, 2 * normalUpperTail(z)), method: 'normal' }
}

/**
 * P(U ≥ u) under the null. P(m,n,u) = m/(m+n) P(m−1,n,u−n) + n/(m+n) P(m,n−1,u): only sums of positive terms, so that
 * the smallest tails keep their digits.
 */
function exactUpperTail(m: number, n: number, u: number): number {
  const width = m * n + 1
  let previous: Float64Array[] = Array.from({ length: n + 1 }, () => pointMass(width))
  for (let i = 1; i <= m; i++) {
    const current: Float64Array[] = [pointMass(width)]
    for (let j = 1; j <= n; j++) {
      const row = new Float64Array(width)
      const fewerA = previous[j]
      const fewerB = current[j - 1]
      const shareA = i / (i + j)
      const shareB = j / (i + j)
      for (let sum = 0; sum <= i * j; sum++) {
        row[sum] = shareB * fewerB[sum] + (sum >= j ? shareA * fewerA[sum - j] : 0)
      }
      current.push(row)
    }
    previous = current
  }
  let tail = 0
  for (let sum = width - 1; sum >= u; sum--) tail += previous[n][sum]
  return tail
}

function pointMass(width: number): Float64Array {
  const row = new Float64Array(width)
  row[0] = 1
  return row
}
