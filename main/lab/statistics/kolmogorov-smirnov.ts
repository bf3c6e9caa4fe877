import { sortedFinite } from './median.ts'

/** Lattice points up to which the exact distribution is walked (about 10 ms at the limit). */
const KOLMOGOROV_SMIRNOV_EXACT_MAX = 1_000_000

export interface KolmogorovSmirnov {
  /** Largest distance between the two empirical distribution functions, 0..1. */
  d: number
  /** Two-sided. */
  p: number
  method: 'exact' | 'asymptotic'
}

/**
 * Two-sample Kolmogorov-Smirnov: do two independent groups differ in distribution, be it in shape only? Exact while
 * m·n ≤ 10⁶ (lattice paths, Hodges 1958), otherwise Kolmogorov's limit (Smirnov 1948). With ties the exact p is an
 * upper bound. Throws RangeError where a side is empty or a value not finite.
 */
export function kolmogorovSmirnov(a: readonly number[], b: readonly number[]): KolmogorovSmirnov {
  const sortedA = sortedFinite(a)
  const sortedB = sortedFinite(b)
  const m = sortedA.length
  const n = sortedB.length
  if (m === 0 || n === 0) throw new RangeError('Kolmogorov-Smirnov needs values on both sides')
  let i = 0
  let j = 0
  // In units of 1/(m·n), an integer: comparing fractions would let rounding decide which paths are as extreme.
  let distance = 0
  while (i < m && j < n) {
    const value = Math.min(sortedA[i], sortedB[j])
    while (i < m && sortedA[i] === value) i++
    while (j < n && sortedB[j] === value) j++
    distance = Math.max(distance, Math.abs(i * n - j * m))
  }
  const d = distance / (m * n)
  if (m * n <= KOLMOGOROV_SMIRNOV_EXACT_MAX) return { d, p: exactUpperTail(m, n, distance), method: 'exact' }
  return { d, p: kolmogorovUpperTail(d * Math.sqrt((m * n) / (m + n))), method: 'asymptotic' }
}

/** P(m·n·D ≥ distance): the mass of random lattice paths from (0,0) to (m,n) that ever leave |i·n − j·m| < distance. */
function exactUpperTail(m: number, n: number, distance: number): number {
  if (distance === 0) return 1
  let left = 0
  let row = new Float64Array(n + 1)
  for (let i = 0; i <= m; i++) {
    const current = new Float64Array(n + 1)
    for (let j = 0; j <= n; j++) {
      let mass = i === 0 && j === 0 ? 1 : 0
      const remaining = m + n - i - j + 1
      if (i > 0) mass += (row[j] * (m - i + 1)) / remaining
      if (j > 0) mass += (current[j - 1] * (n - j + 1)) / remaining
      if (Math.abs(i * n - j * m) >= distance) left += mass
      else current[j] = mass
    }
    row = current
  }
  return Math.min(1, left)
}

/** Q(λ) = 2 Σ (−1)^(k−1) exp(−2 k² λ²), Kolmogorov's limiting distribution; the theta form where λ is small. */
export function kolmogorovUpperTail(lambda: number): number {
  if (lambda <= 0) return 1
  if (lambda < 0.8) {
    let sum = 0
    for (let k = 1; k <= 20; k += 2) sum += Math.exp((-k * k * Math.PI * Math.PI) / (8 * lambda * lambda))
    return 1 - (Math.sqrt(2 * Math.PI) / lambda) * sum
  }
  let sum = 0
  for (let k = 1; k <= 20; k++) sum += (k % 2 === 1 ? 2 : -2) * Math.exp(-2 * k * k * lambda * lambda)
  return Math.max(0, Math.min(1, sum))
}
