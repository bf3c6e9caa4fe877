import {
  type Distribution,
  EVENTS_BEYOND,
  type LaneReport,
  type Metric,
  type Observer,
  type PERCENTILES,
  type RunCharts,
} from '../../../main/contract/index.ts'
import { formatCount, formatNs } from '../../format/quantity.ts'

/** Latencies in the order a fault is told: whole, then by where it was served, then the backend's own steps. */
const TITLES: Record<string, string> = {
  'access.ns': 'Response of an access, from its intended start',
  'service.ns': 'Service of an access, from its own start',
  'fault.ns': 'Fault (all)',
  'fault.pool.ns': 'Fault from the pool',
  'fault.remote.ns': 'Fault from another machine',
  'fault.disk.ns': 'Fault from disk',
  'fault.swapcache.ns': 'Fault from the swap cache',
  'fault.file.ns': 'Fault from the mapped file',
  'fault.cleancache.ns': 'Fault from cleancache',
  'fault.zero.ns': 'First touch',
  'fault.zeromap.ns': 'Fault from the zero map',
  'fault.engine.ns': "The engine's part of a fault (live)",
  'fault.null.ns': 'Fault with nothing behind it (live)',
  'store.ns': 'Store',
  'path.store.ns': "The kernel's path of a store (a page of zeros)",
  'reject.ns': 'Reject',
  'load.ns': 'Load',
  'path.load.ns': "The kernel's path of a load (a page of zeros)",
  'cleancache.put.ns': 'Cleancache put',
  'cleancache.get.ns': 'Cleancache get',
  'writeback.ns': 'Writeback',
  'writeback.decompress.ns': 'Writeback: decompress',
  'writeback.age.ns': 'Age of a zpage at its writeback',
  'refault.time.ns': 'From writeback to refault',
  'disk.read.ns': 'Disk read',
  'disk.write.ns': 'Disk write',
  'fsync.ns': 'Sync',
  'log.clean.ns': 'Log: cleaning of a segment',
  'reclaim.direct.ns': 'Direct reclaim',
  'reclaim.background.ns': 'Background reclaim',
}
const ORDER = Object.keys(TITLES)

export const latencyTitle = (metric: string): string => TITLES[metric] ?? metric

/** Every latency some lane has, the known ones first. */
export function latenciesOf(lanes: readonly LaneReport[], charts: RunCharts | undefined): string[] {
  const found = new Set<string>()
  for (const lane of charts?.lanes ?? []) for (const { metric } of lane.distributions) found.add(metric)
  for (const lane of lanes)
    for (const name of Object.keys(lane.metrics)) {
      const family = /^(.+\.ns)\.p\d+$/.exec(name)?.[1]
      if (family) found.add(family)
    }
  const place = (name: string) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length)
  return [...found].sort((a, b) => place(a) - place(b) || a.localeCompare(b))
}

/** What is shown first: in an open loop what an access felt, else what a fault cost. */
export const usualLatency = (families: readonly string[]): string =>
  families.find((name) => name === 'access.ns') ??
  families.find((name) => name === 'fault.ns') ??
  families[0] ??
  'fault.ns'

/** What looking at this latency costs, which is a part of every value; null where it was not measured. */
export function costOfLooking(family: string, observer: Observer | null): string | null {
  if (!observer) return null
  const costs = (): readonly (readonly [string, number | undefined])[] => {
    if (family.startsWith('fault.')) return [['a fault that does nothing', observer.nullFaultNs]]
    switch (family) {
      case 'access.ns':
      case 'service.ns':
        return [['reading the clock', observer.clockNs]]
      case 'store.ns':
      case 'reject.ns':
        return [['a store that does nothing', observer.nullStoreNs]]
      case 'load.ns':
        return [['a load that does nothing', observer.nullLoadNs]]
      case 'disk.read.ns':
      case 'disk.write.ns':
      case 'fsync.ns':
      case 'writeback.ns':
        return [['a write to a device that does nothing', observer.nullIoNs]]
      default:
        return [['reading the clock', observer.clockNs]]
    }
  }
  const known = costs().flatMap(([what, ns]) => (ns === undefined ? [] : [`${what} takes ${formatNs(ns)}`]))
  return known.length === 0 ? null : `Cost of looking: ${known.join(', ')}. What is not far above it is no measurement.`
}

export type PercentileCell = { kind: 'value'; metric: Metric } | { kind: 'hidden'; reason: string }

/** The cell of a percentile table: the metric, or why there is none. */
export function percentileCell(
  lane: LaneReport,
  family: string,
  percentile: (typeof PERCENTILES)[number],
  distribution: Pick<Distribution, 'count'> | undefined,
): PercentileCell {
  const metric = lane.metrics[`${family}.${percentile.name}`]
  if (metric) return { kind: 'value', metric }
  const count = distribution?.count ?? 0
  if (count === 0) return { kind: 'hidden', reason: 'this lane had no such event' }
  const needed = Math.ceil(EVENTS_BEYOND / (1 - percentile.quantile) - 1e-6)
  return {
    kind: 'hidden',
    reason:
      count < needed
        ? `${percentile.title} needs ${formatCount(needed)} events, there were ${formatCount(count)}`
        : 'not measured in every trial',
  }
}

/** The value of a distribution at a quantile: the first point that reaches it. */
export function valueAtQuantile(points: Distribution['points'], quantile: number): number | null {
  return points.find((point) => point.quantile >= quantile)?.ns ?? null
}

/** Places of the tail axis: 0 at p0, 1 at p90, 2 at p99, 3 at p99.9. The last point (quantile 1) has no place. */
export function tailPlace(quantile: number): number {
  return -Math.log10(1 - quantile)
}
