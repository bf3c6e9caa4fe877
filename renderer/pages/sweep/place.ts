import type { SweepAxis, SweepDocument } from '../../../main/contract/index.ts'
import { type AxisValue, valueText } from '../../format/sweep-axis.ts'
import { bestFirst, firstAxis, firstMetric, type Order } from './reading.ts'

/** What a sweep's page shows of it, as its address says it; what it does not say, or what there is not, is as at first. */

type Metrics = SweepDocument['metrics']

export function metricAt(place: URLSearchParams, metrics: Metrics): string | undefined {
  const asked = place.get('metric')
  return asked !== null && asked in metrics ? asked : firstMetric(metrics)
}

/** The axis along which is drawn. */
export function axisAt(place: URLSearchParams, axes: readonly SweepAxis[]): number {
  const asked = axes.findIndex(({ field }) => field === place.get('along'))
  return asked === -1 ? firstAxis(axes) : asked
}

/** The value that is asked of an axis along which is not drawn. */
export function pinAt(place: URLSearchParams, { field, values }: SweepAxis): AxisValue | undefined {
  const asked = place.get(pinName(field))
  return values.find((value) => valueText(value) === asked)
}

/** A choice has the name of its field; those of the page itself have no colon. */
export const pinName = (field: string): string => `at:${field}`

/** "fault.ns.p99" ascending, "-memory.pool" descending; without one, the best of the metric first. */
export function orderAt(
  place: URLSearchParams,
  { axes, metrics, metric }: { axes: readonly SweepAxis[]; metrics: Metrics; metric: string },
): Order {
  const [, sign, name] = /^(-?)(.+)$/.exec(place.get('sort') ?? '') ?? []
  const direction = sign === '-' ? 'descending' : 'ascending'
  const axis = axes.findIndex(({ field }) => field === name)
  if (axis !== -1) return { by: 'axis', axis, direction }
  if (name === 'lane') return { by: 'lane', direction }
  if (name !== undefined && name in metrics) return { by: 'metric', metric: name, direction }
  return bestFirst(metric, metrics)
}

export function sortName(order: Order, axes: readonly SweepAxis[]): string {
  const name = order.by === 'axis' ? axes[order.axis].field : order.by === 'lane' ? 'lane' : order.metric
  return order.direction === 'descending' ? `-${name}` : name
}

/** Place of the one lane whose points are shown; null for all. */
export function laneAt(place: URLSearchParams, lanes: readonly string[]): number | null {
  const asked = lanes.findIndex((_, lane) => String(lane + 1) === place.get('lane'))
  return asked === -1 ? null : asked
}
