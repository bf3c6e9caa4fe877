import { type LaneReport, type Metric, validTrials } from '../../../main/contract/index.ts'
import { ABSENT, formatInterval, formatMetric } from '../../format/quantity.ts'

/** Below it there is no interval of a median. */
export const FEWEST_FOR_INTERVAL = 3

/** Ends that read the same are said once. */
const intervalText = (low: number, high: number, unit: Metric['unit']): string =>
  formatMetric(low, unit) === formatMetric(high, unit) ? 'no spread' : formatInterval(low, high, unit)

interface MedianProps {
  metric: Metric | undefined
  lane: LaneReport
  /** Why there may be none. */
  absent?: string
}

/** The median over the trials with its interval; nothing where the lab gives none. */
export function Median({ metric, lane, absent = 'not measured in this lane' }: MedianProps) {
  if (!metric) return <span title={absent}>{ABSENT}</span>
  const below = textBelow(metric, lane)
  return (
    <>
      {formatMetric(metric.median, metric.unit)}
      {below && <span className="interval">{below}</span>}
    </>
  )
}

/** Nothing of a lane with too few trials: the words above the table say how many they are. */
function textBelow({ low, high, n, unit }: Metric, lane: LaneReport): string | null {
  if (low !== null && high !== null) return intervalText(low, high, unit)
  if (n >= FEWEST_FOR_INTERVAL) return `${n} trials merged`
  return n === validTrials(lane) ? null : `${n} trial${n === 1 ? '' : 's'}, no interval`
}
