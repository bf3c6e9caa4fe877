import { type HistogramData, percentile, totalCount } from './histogram.ts'

/** Quantiles a latency is told by, with the names they have in metrics. */
const PERCENTILES = [
  ['p50', 0.5],
  ['p90', 0.9],
  ['p99', 0.99],
  ['p999', 0.999],
  ['p9999', 0.9999],
] as const

/** `NAME.p50` … and `NAME.mean` of each histogram; a percentile with too few events beyond it is left out. */
export function percentileMetrics(histograms: Readonly<Record<string, HistogramData>>): Record<string, number> {
  const metrics: Record<string, number> = {}
  for (const [name, data] of Object.entries(histograms)) {
    for (const [suffix, quantile] of PERCENTILES) {
      const value = percentile(data, quantile)
      if (value !== null) metrics[`${name}.${suffix}`] = value
    }
    metrics[`${name}.mean`] = data.sum / totalCount(data)
  }
  return metrics
}
