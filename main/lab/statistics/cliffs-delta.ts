import { sortedFinite } from './median.ts'

/**
 * Cliff's delta (Cliff 1993): P(new > base) − P(new < base) over all pairs, −1..1; 1 means that every new value is
 * larger. For the reader: |delta| < 0.147 negligible, < 0.33 small, < 0.474 medium (Romano et al. 2006).
 * Throws RangeError where a side is empty or a value not finite.
 */
export function cliffsDelta(base: readonly number[], next: readonly number[]): number {
  const sortedBase = sortedFinite(base)
  const sortedNew = sortedFinite(next)
  if (base.length === 0 || next.length === 0) throw new RangeError("Cliff's delta needs values on both sides")
  let below = 0
  let upTo = 0
  let balance = 0
  for (const value of sortedNew) {
    while (below < sortedBase.length && sortedBase[below] < value) below++
    while (upTo < sortedBase.length && sortedBase[upTo] <= value) upTo++
    balance += below - (sortedBase.length - upTo)
  }
  return balance / (sortedBase.length * sortedNew.length)
}
