/** Ascending copy. Throws RangeError on NaN or an infinity: a figure nobody measured must not reach a statistic. */
export function sortedFinite(values: readonly number[]): number[] {
  for (const value of values) {
    if (!Number.isFinite(value)) throw new RangeError(`a statistic needs finite values, got ${value}`)
  }
  return [...values].sort((a, b) => a - b)
}

/** Middle of an ascending list; the mean of the two middle ones where their number is even. */
export function medianOfSorted(sorted: readonly number[]): number {
  if (sorted.length === 0) throw new RangeError('no values, so no median')
  const upper = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[upper] : (sorted[upper - 1] + sorted[upper]) / 2
}

/** Median, in the unit of the values. Throws RangeError where there are no values or one is not finite. */
export function median(values: readonly number[]): number {
  return medianOfSorted(sortedFinite(values))
}

/** Quantile of an ascending list by linear interpolation (Hyndman and Fan 1996, type 7: the default of R and NumPy). */
export function quantileOfSorted(sorted: readonly number[], probability: number): number {
  if (sorted.length === 0) throw new RangeError('no values, so no quantile')
  const position = (sorted.length - 1) * probability
  const lower = Math.floor(position)
  const upper = Math.min(lower + 1, sorted.length - 1)
  return sorted[lower] + (sorted[upper] - sorted[lower]) * (position - lower)
}
