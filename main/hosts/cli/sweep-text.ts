import {
  betterFirst,
  distinctRows,
  pointValues,
  type SweepAxis,
  type SweepDocument,
  type SweepRow,
  type SweepSummary,
  standsForAll,
  sweepRows,
} from '../../contract/index.ts'
import type { Readable } from './open-client.ts'
import { table } from './table.ts'

/** What one looks at first; the first of them orders the rows. */
export const USUAL_METRICS = ['accesses.per_s', 'fault.ns.p50', 'fault.ns.p99', 'disk.bytes_written', 'disk.bytes_read']

/** The same, labelled, with the values of each point by field. */
export function sweepDocument(document: SweepDocument) {
  const { axes } = document.sweep
  return {
    mode: 'simulate',
    ...document,
    points: document.points.map((point) => {
      const values = pointValues(axes, point.position)
      return { values: Object.fromEntries(axes.map(({ field }, at) => [field, values[at]])), ...point }
    }),
  }
}

/** Every lane of every point, the best first; a lane on which an axis does not bear once for all of its values. @param wanted metrics as columns, the first orders the rows; empty: the usual ones */
export function sweepText(
  { sweep, points, metrics: known }: SweepDocument,
  wanted: readonly string[],
  { readableMetric }: Readable,
): string {
  const { axes } = sweep
  const unknown = wanted.filter((name) => !(name in known))
  const failed = points.flatMap(({ position, fault }) =>
    fault ? [`Not possible, ${shownValues(axes, position).join(', ')}: ${fault.message}`] : [],
  )
  const missing = sweep.points - points.length
  const rest = [
    ...(missing > 0 ? [`${sweep.status}: ${missing} of ${sweep.points} points have no outcome.`] : []),
    ...failed,
  ]
  const names = Object.keys(known)
  if (names.length === 0) return rest.join('\n')
  const columns = (unknown.length < wanted.length ? wanted : USUAL_METRICS).filter((name) => name in known)
  const [first] = columns
  const lines = distinctRows(sweepRows({ sweep, points }), axes)
    .sort((a, b) => betterFirst(a.metrics[first], b.metrics[first], known[first]?.better))
    .map((row) => [
      ...row.values.map((value, axis) => (standsForAll(row, axes[axis]) ? 'any' : shownValue(value))),
      row.label,
      ...columns.map((name) => figure(row, name, known, readableMetric)),
    ])
  return [
    table(
      [...axes.map(({ field }) => field), 'lane', ...columns],
      lines,
      columns.map((_, at) => axes.length + 1 + at),
    ),
    '',
    'SIMULATED on a virtual clock, not measured; medians over the trials of a lane, best first.',
    ...(unknown.length > 0 ? [`No lane has ${unknown.join(', ')}; there are ${names.join(', ')}.`] : []),
    ...rest,
  ].join('\n')
}

function figure(
  { metrics }: SweepRow,
  name: string,
  known: SweepDocument['metrics'],
  readableMetric: Readable['readableMetric'],
): string {
  return metrics[name] === undefined ? '–' : readableMetric(metrics[name], known[name].unit)
}

function shownValues(axes: readonly SweepAxis[], position: number): string[] {
  return pointValues(axes, position).map(shownValue)
}

function shownValue(value: SweepAxis['values'][number]): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

export function sweepsText({ sweeps, total }: { sweeps: readonly SweepSummary[]; total: number }): string {
  if (sweeps.length === 0)
    return 'No sweeps. "swaplab sweep --preset quick --vary memory.pool=1024,2048" makes the first.'
  const rows = sweeps.map(({ id, status, startedAt, done, points, name, axes }) => [
    id,
    status,
    startedAt.slice(0, 16).replace('T', ' '),
    `${done}/${points}`,
    name,
    axes.map(({ field, values }) => `${field} (${values.length})`).join(', '),
  ])
  const older = total - sweeps.length
  return `${table(['sweep', 'status', 'started (UTC)', 'points', 'name', 'varied (values)'], rows)}${older > 0 ? `\n${older} older ones are not shown.` : ''}`
}
