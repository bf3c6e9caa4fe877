import { PERCENTILES } from '../../contract/index.ts'
import { type HistogramData, percentile, totalCount } from './histogram.ts'

/** `NAME.p50` … and `NAME.mean` of each histogram; a percentile with too few events beyond it is left out. */
export function percentileMetrics(histograms: Readonly<Record<string, HistogramData>>): Record<string, number> {
  const metrics: Record<string, number> = {}
  for (const [name, data] of Object.entries(histograms)) {
    for (const { name: suffix, quantile } of PERCENTILES) {
      const value = percentile(data, quantile)
      if (value !== null) metrics[`${name}.${suffix}`] = value
    }
    metrics[`${name}.mean`] = data.sum / totalCount(data)
  }
  return metrics
}
