import type { Metric } from '../../../main/contract/index.ts'
import { ABSENT, formatInterval, formatMetric } from '../../format/quantity.ts'

/** Below it there is no interval of a median. */
export const FEWEST_FOR_INTERVAL = 3

/** Ends that read the same are said once. */
const intervalText = (low: number, high: number, unit: Metric['unit']): string =>
  formatMetric(low, unit) === formatMetric(high, unit) ? 'no spread' : formatInterval(low, high, unit)

interface MedianProps {
  metric: Metric | undefined
  /** Why there may be none. */
  absent?: string
}

/** The median over the trials with its interval; nothing where the lab gives none. */
export function Median({ metric, absent = 'not measured in this lane' }: MedianProps) {
  if (!metric) return <span title={absent}>{ABSENT}</span>
  const { median, low, high, n, unit } = metric
  return (
    <>
      {formatMetric(median, unit)}
      <span className="interval">
        {low !== null && high !== null
          ? intervalText(low, high, unit)
          : n < FEWEST_FOR_INTERVAL
            ? `${n} trial${n === 1 ? '' : 's'}, no interval`
            : `${n} trials merged`}
      </span>
    </>
  )
}
