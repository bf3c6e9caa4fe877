/** Percentiles a latency is told by: their names in metrics (`fault.ns.p999`), in words, and as shares. */
export const PERCENTILES = [
  { name: 'p50', title: 'p50', quantile: 0.5 },
  { name: 'p90', title: 'p90', quantile: 0.9 },
  { name: 'p99', title: 'p99', quantile: 0.99 },
  { name: 'p999', title: 'p99.9', quantile: 0.999 },
  { name: 'p9999', title: 'p99.99', quantile: 0.9999 },
] as const

/** Events that must lie beyond a percentile for it to be shown; of fewer, one stray event moves it. */
export const EVENTS_BEYOND = 10
