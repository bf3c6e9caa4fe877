import type { Interval } from './bootstrap.ts'
import { medianOfSorted, sortedFinite } from './median.ts'
import { signedRankMargin } from './wilcoxon-signed-rank.ts'

export interface HodgesLehmann {
  /** Median of all Walsh averages (means of two differences, each also with itself). */
  estimate: number
  /** Distribution-free interval; null where the number of differences cannot carry the confidence. */
  interval: Interval | null
}

/**
 * Centre of paired differences with the interval that inverts the Wilcoxon signed-rank test (Hollander and Wolfe 1999,
 * 3.2 and 3.3): it holds 0 exactly where the test is not significant. Half as sensitive to noise as the median of the
 * differences, and up to 29 % of them may be wild before it breaks.
 */
export function hodgesLehmann(differences: readonly number[], level = 0.95): HodgesLehmann {
  const sorted = sortedFinite(differences)
  const n = sorted.length
  const walsh: number[] = []
  for (let i = 0; i < n; i++) for (let j = i; j < n; j++) walsh.push((sorted[i] + sorted[j]) / 2)
  walsh.sort((a, b) => a - b)
  const estimate = medianOfSorted(walsh)
  const margin = signedRankMargin(n, level)
  if (margin < 0) return { estimate, interval: null }
  return { estimate, interval: { low: walsh[margin], high: walsh[walsh.length - 1 - margin] } }
}
