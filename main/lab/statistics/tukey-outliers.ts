import { quantileOfSorted, sortedFinite } from './median.ts'

type OutlierMark = 'inside' | 'outside' | 'far'

export interface TukeyOutliers {
  /** One mark per value, in the order given. */
  marks: OutlierMark[]
  /** Inner fences, in the unit of the values; null below five values. */
  fences: { low: number; high: number } | null
}

/** Quartiles of fewer values say nothing about what lies outside them. */
const MIN_FENCED = 5

/**
 * Tukey's fences (Tukey 1977): *outside* beyond 1.5, *far* beyond 3 interquartile ranges from the quartiles. A mark is
 * for the eye and for the question what happened in that trial; the value stays in every figure. Of clean normal trials
 * about one in 140 is marked in large groups, and more of them in small ones.
 */
export function tukeyOutliers(values: readonly number[]): TukeyOutliers {
  const sorted = sortedFinite(values)
  if (sorted.length < MIN_FENCED) return { marks: values.map(() => 'inside'), fences: null }
  const lower = quantileOfSorted(sorted, 0.25)
  const upper = quantileOfSorted(sorted, 0.75)
  const range = upper - lower
  const marks = values.map((value): OutlierMark => {
    const beyond = Math.max(lower - value, value - upper)
    if (beyond > 3 * range) return 'far'
    return beyond > 1.5 * range ? 'outside' : 'inside'
  })
  return { marks, fences: { low: lower - 1.5 * range, high: upper + 1.5 * range } }
}
