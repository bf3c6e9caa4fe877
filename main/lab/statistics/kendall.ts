import { normalUpperTail } from './normal-distribution.ts'
import { midranks } from './ranks.ts'

/** Up to this many values in a stratum the exact distribution is cheap; the normal one is close beyond. */
const KENDALL_EXACT_MAX = 50

/** Pairs of values that were taken together, in one order. */
export interface Stratum {
  x: readonly number[]
  y: readonly number[]
}

export interface Kendall {
  /** Concordant minus discordant pairs, of all strata. */
  s: number
  /** s over the pairs that are tied in neither: τ-b where there is one stratum. 0 where all are tied. */
  tau: number
  /** Two-sided. */
  p: number
  method: 'exact' | 'normal'
}

/**
 * Kendall's rank correlation, within strata: only pairs of the same stratum are compared, so that what differs from stratum to
 * stratum counts for nothing (the seasonal test of Hirsch, Slack and Smith 1982). With one stratum it is Kendall's test
 * (Hollander and Wolfe 1999, 8.1). Exact where no values are tied and no stratum has more than 50 values: the distribution of
 * the sum is that of inversions, all strata convolved. Otherwise normal with the variance corrected for ties (Kendall 1970).
 * Throws RangeError where lists differ in length or a value is not finite.
 */
export function kendall(strata: readonly Stratum[]): Kendall {
  let s = 0
  let pairs = 0
  let untied = 0
  let variance = 0
  let exact = true
  for (const { x, y } of strata) {
    if (x.length !== y.length) throw new RangeError(`pairs need equal lengths, got ${x.length} and ${y.length}`)
    if (![...x, ...y].every(Number.isFinite)) throw new RangeError('a correlation needs finite values')
    const n = x.length
    const [tiesX, tiesY] = [midranks(x).ties, midranks(y).ties]
    for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) s += Math.sign(x[j] - x[i]) * Math.sign(y[j] - y[i])
    const all = (n * (n - 1)) / 2
    pairs += all
    untied += Math.sqrt((all - pairsIn(tiesX)) * (all - pairsIn(tiesY)))
    variance += varianceOf(n, tiesX, tiesY)
    exact &&= tiesX.length === 0 && tiesY.length === 0 && n <= KENDALL_EXACT_MAX
  }
  const tau = untied === 0 ? 0 : s / untied
  if (exact) {
    const tail = inversionsTail(
      strata.map(({ x }) => x.length),
      (pairs - Math.abs(s)) / 2,
    )
    return { s, tau, p: Math.min(1, 2 * tail), method: 'exact' }
  }
  const p = variance > 0 ? Math.min(1, 2 * normalUpperTail(Math.abs(s) / Math.sqrt(variance))) : 1
  return { s, tau, p, method: 'normal' }
}

const sum = (ties: readonly number[], term: (t: number) => number) =>
  ties.reduce((total, tied) => total + term(tied), 0)

const pairsIn = (ties: readonly number[]) => sum(ties, (t) => (t * (t - 1)) / 2)

function varianceOf(n: number, tiesX: readonly number[], tiesY: readonly number[]): number {
  if (n < 2) return 0
  const full = (t: number) => t * (t - 1) * (2 * t + 5)
  const triples = (t: number) => t * (t - 1) * (t - 2)
  const doubles = (t: number) => t * (t - 1)
  return (
    (full(n) - sum(tiesX, full) - sum(tiesY, full)) / 18 +
    (n > 2 ? (sum(tiesX, triples) * sum(tiesY, triples)) / (9 * triples(n)) : 0) +
    (sum(tiesX, doubles) * sum(tiesY, doubles)) / (2 * doubles(n))
  )
}

/**
 * P(inversions ≤ limit) of random permutations of these sizes together. The inversions of one are a sum of independent uniform
 * numbers 0..i−1, i = 1..n; only the part up to the limit is carried along.
 */
function inversionsTail(sizes: readonly number[], limit: number): number {
  let chance = new Float64Array(limit + 1)
  chance[0] = 1
  for (const n of sizes)
    for (let width = 2; width <= n; width++) {
      const next = new Float64Array(limit + 1)
      let window = 0
      for (let count = 0; count <= limit; count++) {
        window += chance[count] - (count >= width ? chance[count - width] : 0)
        next[count] = window / width
      }
      chance = next
    }
  return chance.reduce((total, part) => total + part, 0)
}
