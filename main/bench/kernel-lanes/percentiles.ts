/** Quantiles a latency is told by, with the names they have in metrics. */
export const PERCENTILES = [
  ['p50', 0.5],
  ['p90', 0.9],
  ['p99', 0.99],
  ['p999', 0.999],
  ['p9999', 0.9999],
] as const
