import { LabError, type RunDocument, type Trend } from '../../main/contract/index.ts'

/** As many as the lab looks at. */
const LONGEST = 2000

/** A made-up history of one metric: two steps where it is long enough, and no figure of it was measured. */
export function trend(document: RunDocument, runs: readonly RunDocument[], lane: string, metric: string): Trend {
  const report = document.lanes.find(({ label }) => label === lane) ?? document.lanes[0]
  const { [metric]: found } = report.metrics
  if (!found)
    throw new LabError({
      code: 'bad_input',
      field: 'metric',
      message: `No finished run of this experiment has ${metric} in the lane "${report.label}".`,
      remedy: `It has: ${Object.keys(report.metrics).sort().join(', ')}.`,
    })
  const { median, unit, better } = found
  const oldestFirst = runs.slice(0, LONGEST).toReversed()
  const places = oldestFirst.length < 12 ? [] : [0.4, 0.75].map((share) => Math.floor(oldestFirst.length * share))
  const points = oldestFirst.map(({ run }, index) => {
    const level = places.reduce(
      (value, place, at) => (index < place ? value : value * (at === 0 ? 0.94 : 1.03)),
      median,
    )
    const value = level * (1 + 0.006 * Math.sin(index * 1.7) + 0.004 * Math.sin(index * 0.31))
    return {
      run: run.id,
      startedAt: run.startedAt,
      version: '0.1.0',
      kernel: index < (places[0] ?? 0) ? '6.12.1' : '6.12.4',
      firmware: document.run.host.device.firmware,
      changed: index === places[0] ? ['kernel 6.12.1 → 6.12.4'] : [],
      median: value,
      low: value * 0.985,
      high: value * 1.012,
      n: 5,
    }
  })
  const steps = places.map((index) => ({
    index,
    before: points[index - 1].median,
    after: points[index].median,
    shift: points[index].median / points[index - 1].median - 1,
    changed: points[index].changed,
  }))
  return {
    experimentHash: document.run.experimentHash,
    name: document.run.name,
    mode: document.run.mode,
    hostId: document.run.hostId,
    hostname: document.run.host.hostname,
    lanes: document.lanes.map(({ label }) => label),
    lane: report.label,
    metrics: Object.keys(report.metrics).sort(),
    metric,
    unit,
    better,
    runs: runs.length,
    points,
    steps,
    smallest: places.length === 0 ? null : 0.021,
    reason:
      places.length === 0
        ? `${points.length} points: a step needs 6 on each side.`
        : `2 steps in ${points.length} points. The smallest step it could show is 2.1 %.`,
    baseline: document.run.baselineId,
  }
}
