export type Verdict = 'different' | 'same' | 'unknown'

/**
 * A relative change below 1 % is never reported, however significant: it is within what a rebuilt binary, another page
 * placement or another boot does by itself.
 */
export const FLOOR = 0.01

/** What *same* promises unless asked otherwise: a change of 5 % or more would have shown. */
export const BAND = 0.05

/** Chance of calling equal things different, before the correction for many metrics. */
export const ALPHA = 0.05

export interface VerdictOptions {
  floor?: number
  /** Half width of the equivalence band, as a share. Larger than the floor. */
  band?: number
  alpha?: number
}

export interface Evidence {
  /** Relative shift and its 95 % interval; null where there is none. */
  shift: number | null
  low: number | null
  high: number | null
  /** Adjusted significance at the threshold of its test. */
  significant: boolean
}

/**
 * The rule, from the figures of one printed row:
 *
 * - *different*: significant, and the whole interval of the shift lies beyond the floor, on one side. Asking it of the
 *   interval, not only of the estimate, is what keeps an A/A comparison and a 0.5 % change from being called different
 *   at noise where estimates of a few percent come by chance (a minimal-effect test, Murphy and Myors 1999).
 * - *same*: a positive claim. The whole interval lies inside the band (two one-sided tests, Schuirmann 1987, here at
 *   2.5 % each) and nothing speaks for a change: it holds 0 and the test is not significant, or it lies inside the floor.
 * - *unknown*: everything else. Collect more.
 *
 * Once the interval's half width is at most (band − floor) / 2 a shift is either near enough to 0 or beyond the floor,
 * apart from the few that are truly about as large as the floor.
 */
export function verdictOf(evidence: Evidence, options: VerdictOptions = {}): Verdict {
  const { floor = FLOOR, band = BAND } = options
  const { low, high, significant } = evidence
  if (low === null || high === null) return 'unknown'
  if (significant && (low >= floor || high <= -floor)) return 'different'
  const negligible = low > -floor && high < floor
  const silent = low <= 0 && high >= 0 && !significant
  const inside = low > -band && high < band
  return inside && (silent || negligible) ? 'same' : 'unknown'
}
