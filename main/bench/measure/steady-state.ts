export interface SteadyStateOptions {
  /** Rounds in the window. */
  window?: number
  /** Most that max − min may be, as a share of the window's mean. */
  range?: number
  /** Most that the fitted line may move over the window, as a share of its mean. */
  slope?: number
}

export interface SteadyState {
  /** Index of the first round of the first window that keeps both rules; null: not reached. */
  reachedAt: number | null
  /** One sentence for a person, with the figures of that window, or of the last one where it was not reached. */
  reason: string
}

/**
 * The window rule of the SNIA Solid State Storage Performance Test Specification (2.0.2, 2.1.24): over five rounds
 * max − min ≤ 20 % of the mean, and the least-squares line moves ≤ 10 % of it. Rounds before `reachedAt` are warm-up.
 * Where it is not reached the run is kept and labelled so. Throws RangeError on a window below 2 or values not finite.
 */
export function steadyState(values: readonly number[], options: SteadyStateOptions = {}): SteadyState {
  const { window = 5, range = 0.2, slope = 0.1 } = options
  if (!(Number.isInteger(window) && window >= 2)) throw new RangeError(`a window has at least 2 rounds, got ${window}`)
  for (const value of values)
    if (!Number.isFinite(value)) throw new RangeError(`a round has no finite figure: ${value}`)
  if (values.length < window) {
    return { reachedAt: null, reason: `Not reached: ${values.length} rounds, the window needs ${window}.` }
  }
  let reason = ''
  for (let start = 0; start + window <= values.length; start++) {
    const excursion = excursionOf(values.slice(start, start + window))
    if (excursion === null) {
      reason = 'Not reached: the mean of the last window is 0.'
      continue
    }
    const figures = `range ${percent(excursion.range)} (limit ${percent(range)}), trend ${percent(excursion.trend)} (limit ${percent(slope)})`
    if (excursion.range <= range && excursion.trend <= slope) {
      return { reachedAt: start, reason: `Reached at round ${start + 1}: ${figures} over ${window} rounds.` }
    }
    reason = `Not reached in ${values.length} rounds; the last ${window}: ${figures}.`
  }
  return { reachedAt: null, reason }
}

/** Range and movement of the least-squares line inside one window, as shares of its mean; null where the mean is 0. */
function excursionOf(window: readonly number[]): { range: number; trend: number } | null {
  const mean = window.reduce((sum, value) => sum + value, 0) / window.length
  if (mean === 0) return null
  const middle = (window.length - 1) / 2
  let covariance = 0
  let variance = 0
  for (const [index, value] of window.entries()) {
    covariance += (index - middle) * (value - mean)
    variance += (index - middle) ** 2
  }
  return {
    range: (Math.max(...window) - Math.min(...window)) / Math.abs(mean),
    trend: Math.abs((covariance / variance) * (window.length - 1)) / Math.abs(mean),
  }
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}
