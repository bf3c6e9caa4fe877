import type { TrendRow } from '../../../db/index.ts'
import { LabError, metricFacts, type RunDocument, type Trend } from '../../contract/index.ts'
import { changedConditions } from '../host/conditions.ts'
import { bootstrapMedianInterval, changePoints, LONGEST_SERIES, median } from '../statistics/index.ts'

/** Runs a trend looks at, newest first: the search for steps costs the square of their number. */
export const LONGEST_TREND = LONGEST_SERIES

/** Fewer than a report draws, since a trend has thousands of intervals; the ends move by less than a tenth of their width. */
const RESAMPLES = 400

/** The lane by its label, and where none is named the first. @throws LabError `bad_input` */
export function laneNamed({ lanes }: RunDocument, label: string | undefined): number {
  const index = label === undefined ? 0 : lanes.findIndex((lane) => lane.label === label)
  if (index >= 0) return index
  throw new LabError({
    code: 'bad_input',
    field: 'lane',
    message: `The run has no lane "${label}".`,
    remedy: `Its lanes: ${lanes.map((lane) => `"${lane.label}"`).join(', ')}.`,
  })
}

/** A trend from its rows, oldest first. @throws LabError `bad_input` where no run has the metric */
export function trendOf(of: {
  document: RunDocument
  lane: number
  metric: string
  /** All finished runs of the experiment on the host. */
  runs: number
  rows: readonly TrendRow[]
  baseline: string | null
}): Trend {
  const { document, lane, metric, runs, rows, baseline } = of
  const metrics = Object.keys(document.lanes[lane].metrics).sort()
  if (rows.length === 0)
    throw new LabError({
      code: 'bad_input',
      field: 'metric',
      message: `No finished run of this experiment has ${metric} in the lane "${document.lanes[lane].label}".`,
      remedy: metrics.length === 0 ? 'The run has no finished trial.' : `It has: ${metrics.join(', ')}.`,
    })
  const points = rows.map(({ id, startedAt, version, host, values }, index) => {
    const interval = bootstrapMedianInterval(values, { resamples: RESAMPLES })
    return {
      run: id,
      startedAt,
      version,
      kernel: host.kernel,
      firmware: host.device.firmware,
      changed: index === 0 ? [] : changedConditions(rows[index - 1], rows[index]),
      median: median(values),
      low: interval?.low ?? null,
      high: interval?.high ?? null,
      n: values.length,
    }
  })
  const found = changePoints(points.map((point) => point.median))
  const older = runs > LONGEST_TREND ? ` Of ${runs} runs the newest ${LONGEST_TREND} were looked at.` : ''
  return {
    experimentHash: document.run.experimentHash,
    name: document.run.name,
    mode: document.run.mode,
    hostId: document.run.hostId,
    hostname: document.run.host.hostname,
    lanes: document.lanes.map(({ label }) => label),
    lane: document.lanes[lane].label,
    metrics,
    metric,
    ...metricFacts(metric),
    runs,
    points,
    steps: found.points.map((step) => ({ ...step, changed: points[step.index].changed })),
    smallest: found.smallest,
    reason: `${found.reason}${older}`,
    baseline,
  }
}
