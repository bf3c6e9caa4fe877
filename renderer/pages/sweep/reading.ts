import {
  bearsOn,
  type SweepAxis,
  type SweepDocument,
  type SweepPoint,
  type SweepRow,
} from '../../../main/contract/index.ts'
import { type AxisValue, valueText } from '../../format/sweep-axis.ts'
import { valueAt } from '../../spec-form/values.ts'

/** How the points of a sweep are read: by lane, best first, and along one axis. */

type Better = 'lower' | 'higher'

/** What table and list show of the points. */
export interface ShownPoints {
  document: SweepDocument
  rows: readonly SweepRow[]
  failed: readonly SweepPoint[]
  best: ReadonlyMap<number, SweepRow>
  metric: string
}

/** What one looks at first, in this order. */
const FIRST_METRICS = ['fault.ns.p99', 'fault.ns.p50', 'accesses.per_s'] as const
/** Columns of the table, as far as there are figures. */
const USUAL_METRICS = ['accesses.per_s', 'fault.ns.p50', 'fault.ns.p99', 'disk.bytes_written', 'disk.bytes_read']

/** undefined where no point has a figure. */
export function firstMetric(metrics: SweepDocument['metrics']): string | undefined {
  return FIRST_METRICS.find((name) => name in metrics) ?? Object.keys(metrics).sort()[0]
}

/** The usual ones that there are, and the chosen one. */
export function shownMetrics(metrics: SweepDocument['metrics'], chosen: string): string[] {
  const usual = USUAL_METRICS.filter((name) => name in metrics)
  return usual.includes(chosen) ? usual : [chosen, ...usual]
}

/** The axes at which a row is told, with its value there. */
export const valuesTold = (row: SweepRow, axes: readonly SweepAxis[]): SweepAxis[] =>
  axes.flatMap(({ field }, axis) => (bearsOn({ field }, row.lane) ? [{ field, values: [row.values[axis]] }] : []))

/** Names of the lanes by their place: their label, or what is varied of it left out. */
export function laneNames({ sweep, spec, points }: SweepDocument): string[] {
  const count = Math.max(sweep.lanes.length, ...points.map(({ lanes }) => lanes.length))
  return Array.from({ length: count }, (_, index) => {
    const labels = new Set(points.flatMap(({ lanes }) => lanes[index]?.label ?? []))
    if (labels.size > 1) return `lane ${index + 1}: ${kindOf(spec, index)}, varied`
    return [...labels][0] ?? sweep.lanes[index]
  })
}

const kindOf = (spec: SweepDocument['spec'], index: number): string =>
  String(valueAt(spec, ['lanes', index, 'lane']) ?? 'another')

/** By what the table is ordered: a metric, an axis, or the lane. */
export type Order =
  | { by: 'metric'; metric: string; direction: 'ascending' | 'descending' }
  | { by: 'axis'; axis: number; direction: 'ascending' | 'descending' }
  | { by: 'lane'; direction: 'ascending' | 'descending' }

/** Best first. */
export function bestFirst(metric: string, metrics: SweepDocument['metrics']): Order {
  return { by: 'metric', metric, direction: metrics[metric]?.better === 'higher' ? 'descending' : 'ascending' }
}

/** A figure that a lane does not have comes last in both directions; equals stay in the order of their points. */
export function ordered(rows: readonly SweepRow[], order: Order): SweepRow[] {
  const sign = order.direction === 'ascending' ? 1 : -1
  return rows.toSorted((a, b) => {
    if (order.by === 'axis') return sign * compareValues(a.values[order.axis], b.values[order.axis])
    if (order.by === 'lane') return sign * (a.lane - b.lane)
    const [first, second] = [a.metrics[order.metric], b.metrics[order.metric]]
    if (first === undefined || second === undefined) return Number(first === undefined) - Number(second === undefined)
    return sign * (first - second)
  })
}

/** Numbers by size, before everything else by its text. */
function compareValues(a: AxisValue, b: AxisValue): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'number' || typeof b === 'number') return typeof a === 'number' ? -1 : 1
  const [first, second] = [valueText(a), valueText(b)]
  return first < second ? -1 : Number(first > second)
}

/** The best row of each lane that has a figure. */
export function bestOfLanes(
  rows: readonly SweepRow[],
  metric: string,
  better: Better | undefined,
): ReadonlyMap<number, SweepRow> {
  const best = new Map<number, SweepRow>()
  for (const row of rows) {
    const value = row.metrics[metric]
    const before = best.get(row.lane)?.metrics[metric]
    if (value === undefined) continue
    if (before === undefined || (better === 'higher' ? value > before : value < before)) best.set(row.lane, row)
  }
  return best
}

/** The best row of all lanes; undefined where no lane has a figure. */
export function bestRow(rows: readonly SweepRow[], metric: string, better: Better | undefined): SweepRow | undefined {
  const best = [...bestOfLanes(rows, metric, better).values()]
  return ordered(best, { by: 'metric', metric, direction: better === 'higher' ? 'descending' : 'ascending' })[0]
}

/** The first axis along which there is something to see. */
export function firstAxis(axes: readonly SweepAxis[]): number {
  return Math.max(
    0,
    axes.findIndex(({ values }) => values.length > 1),
  )
}

/**
 * Points of one lane along an axis: those whose other values are the pinned ones, in the order of the axis.
 * @param pinned a value for each axis; that of `axis` itself means nothing
 */
export function pointsAlong(
  rows: readonly SweepRow[],
  {
    axis,
    lane,
    pinned,
    metric,
    scale,
  }: { axis: number; lane: number; pinned: readonly AxisValue[]; metric: string; scale: Scale },
): { x: number; y: number }[] {
  return rows
    .filter((row) => row.lane === lane && row.values.every((value, at) => at === axis || same(value, pinned[at])))
    .flatMap(({ values, metrics }) => {
      const [x, y] = [scale.place(values[axis]), metrics[metric]]
      return y === undefined || x === null ? [] : [{ x, y }]
    })
    .sort((a, b) => a.x - b.x)
}

const same = (a: AxisValue, b: AxisValue): boolean => valueText(a) === valueText(b)

/** Where the values of an axis stand: numbers at their size, on a logarithmic scale where all are powers of two; anything else side by side. */
export interface Scale {
  kind: 'linear' | 'log' | 'names'
  place: (value: AxisValue) => number | null
}

export function scaleOf(values: readonly AxisValue[]): Scale {
  const place = (value: AxisValue) => (typeof value === 'number' ? value : null)
  if (values.every((value) => typeof value === 'number')) {
    const powers = values.length > 2 && values.every((value) => value > 0 && Number.isInteger(Math.log2(value)))
    return { kind: powers ? 'log' : 'linear', place }
  }
  const texts = values.map(valueText)
  return { kind: 'names', place: (value) => texts.indexOf(valueText(value)) }
}
