/** Events that must lie beyond a percentile before it is shown; fewer, and one stray event moves it. */
const EVENTS_BEYOND = 10

/** Absorbs the rounding of 1 − quantile; far below one event at any count a run can reach. */
const ROUNDING = 1e-6

/**
 * May the percentile be printed? Only where at least 10 of `count` events lie beyond it: p99.99 needs 100 000. A hidden
 * percentile is shown as "–" with this as the reason. `quantile` is a share, 0.9999 for p99.99.
 */
export function percentileIsSupported(quantile: number, count: number): boolean {
  return count * (1 - quantile) >= EVENTS_BEYOND - ROUNDING
}
