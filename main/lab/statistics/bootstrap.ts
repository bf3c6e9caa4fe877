import { medianOfSorted, quantileOfSorted, sortedFinite } from './median.ts'
import { type SeededRandom, seededRandom } from './seeded-random.ts'

export interface BootstrapOptions {
  /** Same seed, same interval. */
  seed?: number
  resamples?: number
  /** Confidence, 0..1. */
  level?: number
  /**
   * What a trial is worth against an independent one, 0..1 (see `serialDependence`): a resample then draws that share of
   * the trials only, so that the interval is as wide as so few independent trials would make it. Default 1.
   */
  worth?: number
}

export interface Interval {
  low: number
  high: number
}

/** Below three trials a resample can hardly differ from the sample, and an interval would be decoration. */
const MIN_BOOTSTRAP_TRIALS = 3

const RESAMPLES = 2000
const LEVEL = 0.95

/** Medians of resamples (with replacement) of an ascending list; counts instead of sorting, so a draw costs no order. */
function resampler(sorted: readonly number[], worth: number, random: SeededRandom): () => number {
  const counts = new Uint32Array(sorted.length)
  const draws = Math.max(1, Math.round(sorted.length * worth))
  return () => resampledMedian(sorted, draws, counts, random)
}

function resampledMedian(sorted: readonly number[], draws: number, counts: Uint32Array, random: SeededRandom): number {
  const size = sorted.length
  counts.fill(0)
  for (let draw = 0; draw < draws; draw++) counts[random.below(size)]++
  const lowerRank = (draws - 1) >> 1
  const upperRank = draws >> 1
  let seen = 0
  let lower = Number.NaN
  for (let index = 0; index < size; index++) {
    seen += counts[index]
    if (Number.isNaN(lower) && seen > lowerRank) lower = sorted[index]
    if (seen > upperRank) return (lower + sorted[index]) / 2
  }
  return lower
}

function percentileInterval(replicates: number[], level: number): Interval {
  replicates.sort((a, b) => a - b)
  const tail = (1 - level) / 2
  return { low: quantileOfSorted(replicates, tail), high: quantileOfSorted(replicates, 1 - tail) }
}

/**
 * Percentile bootstrap interval of the median (Efron 1979; Efron and Tibshirani 1993, chapter 13), in the unit of the
 * values; null where n < 3. The trials must be independent. Its true coverage is that of the order statistics it can
 * reach: with n = 3 it is the range (75 %), with 5 the range (94 %), from about 8 on close to the level asked for.
 */
export function bootstrapMedianInterval(values: readonly number[], options: BootstrapOptions = {}): Interval | null {
  const { seed = 1, resamples = RESAMPLES, level = LEVEL, worth = 1 } = options
  const sorted = sortedFinite(values)
  if (sorted.length < MIN_BOOTSTRAP_TRIALS) return null
  return percentileInterval(Array.from({ length: resamples }, resampler(sorted, worth, seededRandom(seed))), level)
}

export interface RelativeShift {
  /** (median of new - median of base) / median of base; null where the base median is 0. */
  shift: number | null
  /** Interval of the shift; null with it, or where either side has fewer than three trials, or base may well be 0. */
  low: number | null
  high: number | null
}

/**
 * Relative shift of the medians of two *independent* groups of trials (two runs), with its percentile bootstrap
 * interval: both sides are resampled, each by itself. For lanes of one run use the blocked analysis instead.
 */
export function relativeShiftInterval(
  base: readonly number[],
  next: readonly number[],
  options: BootstrapOptions = {},
): RelativeShift {
  const { seed = 1, resamples = RESAMPLES, level = LEVEL, worth = 1 } = options
  const sortedBase = sortedFinite(base)
  const sortedNew = sortedFinite(next)
  const baseMedian = medianOfSorted(sortedBase)
  const newMedian = medianOfSorted(sortedNew)
  if (baseMedian === 0) return { shift: null, low: null, high: null }
  const shift = (newMedian - baseMedian) / Math.abs(baseMedian)
  const tooFew = Math.min(base.length, next.length) < MIN_BOOTSTRAP_TRIALS
  if (tooFew) return { shift, low: null, high: null }
  const random = seededRandom(seed)
  const drawBase = resampler(sortedBase, worth, random)
  const drawNew = resampler(sortedNew, worth, random)
  const replicates: number[] = []
  for (let round = 0; round < resamples; round++) {
    const from = drawBase()
    const to = drawNew()
    // A base of 0 has no relative shift; such a base is too uncertain for an interval.
    if (from === 0) return { shift, low: null, high: null }
    replicates.push((to - from) / Math.abs(from))
  }
  return { shift, ...percentileInterval(replicates, level) }
}
