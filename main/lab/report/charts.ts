import type { FullRunRow, TrialRow } from '../../../db/index.ts'
import { bucketValue, type HistogramData, mergeHistograms } from '../../bench/index.ts'
import {
  type Distribution,
  laneLabel,
  type RunCharts,
  type RunSeries,
  type SeriesSample,
} from '../../contract/index.ts'
import { median } from '../statistics/index.ts'
import { byName, type TrialHistogram } from './report.ts'

/** More points than this no chart of a report can show. */
const MAX_POINTS = 400

/** Samples kept of one trial's series. */
const MAX_SAMPLES = 600

type TrialSeries = { lane: number; position: number; samples: SeriesSample[] }

export function runCharts(
  row: FullRunRow,
  trials: readonly TrialRow[],
  histograms: readonly TrialHistogram[],
): RunCharts {
  const done = new Set(trials.filter(({ report }) => report.status === 'done').map(({ report }) => report.order))
  return {
    lanes: row.spec.lanes.map((spec, lane) => {
      const own = histograms.filter((part) => part.lane === lane && done.has(part.position))
      return {
        label: laneLabel(spec),
        distributions: [...byName(own)]
          .filter(([metric]) => metric.endsWith('.ns'))
          .map(([metric, parts]) => distribution(metric, mergeHistograms(parts))),
        faultTime: faultTime(own),
      }
    }),
  }
}

/** `trials` are those of one block, at most one for each lane; `series` theirs, where one was kept. */
export function blockSeries(row: FullRunRow, trials: readonly TrialRow[], series: readonly TrialSeries[]): RunSeries {
  return {
    lanes: row.spec.lanes.map((spec, at) => {
      const place = trials.find(({ lane }) => lane === at)?.report.order ?? null
      const kept = series.find(({ position }) => position === place)
      return { label: laneLabel(spec), trial: place, samples: kept ? decimate(kept.samples) : [] }
    }),
  }
}

/**
 * The cumulative distribution, thinned to the last bucket of each step of a log-spaced grid from the least to the greatest
 * value: every point is exact, and the first and the last are kept.
 */
export function distribution(metric: string, data: HistogramData): Distribution {
  const total = data.count.reduce((sum, n) => sum + n, 0)
  const points: Distribution['points'] = []
  const low = Math.log(Math.max(1, data.min))
  const step = (Math.log(Math.max(2, data.max)) - low) / (MAX_POINTS - 2)
  let seen = 0
  let cell = Number.NEGATIVE_INFINITY
  for (const [i, bucket] of data.bucket.entries()) {
    seen += data.count[i]
    const ns = Math.min(Math.max(bucketValue(bucket), data.min), data.max)
    const here = step > 0 ? Math.floor((Math.log(Math.max(1, ns)) - low) / step) : 0
    const point = { ns, quantile: Math.min(1, seen / total) }
    if (here === cell) points[points.length - 1] = point
    else points.push(point)
    cell = here
  }
  return { metric, count: total, sumNs: data.sum, points }
}

const FAULT_PATH = /^fault\.([a-z]+)\.ns$/

/** Of the lane live: engine is the part of each fault that mm takes, counted in its path already; null are faults with nothing behind them. */
const NO_PATHS = new Set(['engine', 'null'])

/** Where fault time goes: for each path the sum of a trial, median over the trials. */
export function faultTime(parts: readonly TrialHistogram[]): { path: string; ns: number; count: number }[] {
  return [...byName(parts)].flatMap(([name, histograms]) => {
    const path = FAULT_PATH.exec(name)?.[1]
    if (path === undefined || NO_PATHS.has(path)) return []
    const counts = histograms.map((histogram) => histogram.count.reduce((sum, n) => sum + n, 0))
    return [{ path, ns: median(histograms.map((histogram) => histogram.sum)), count: Math.round(median(counts)) }]
  })
}

/** Neighbours joined until the series fits: counters add up, gauges are those at the end, so no fault is lost. */
export function decimate(samples: readonly SeriesSample[], limit = MAX_SAMPLES): SeriesSample[] {
  const join = Math.ceil(samples.length / limit)
  if (join <= 1) return [...samples]
  const joined: SeriesSample[] = []
  for (let from = 0; from < samples.length; from += join) {
    const part = samples.slice(from, from + join)
    const last = part[part.length - 1]
    const total = (key: CounterKey) => part.reduce((sum, sample) => sum + sample[key], 0)
    joined.push({
      ...last,
      accesses: total('accesses'),
      faultsPool: total('faultsPool'),
      faultsDisk: total('faultsDisk'),
      faultsSwapcache: total('faultsSwapcache'),
      faultsZero: total('faultsZero'),
      faultsZeromap: total('faultsZeromap'),
      faultsFile: total('faultsFile'),
      faultsCleancache: total('faultsCleancache'),
      faultsRemote: total('faultsRemote'),
      writtenBack: total('writtenBack'),
      bytesWritten: total('bytesWritten'),
      bytesRead: total('bytesRead'),
    })
  }
  return joined
}

type CounterKey =
  | 'accesses'
  | 'faultsPool'
  | 'faultsDisk'
  | 'faultsSwapcache'
  | 'faultsZero'
  | 'faultsZeromap'
  | 'faultsFile'
  | 'faultsCleancache'
  | 'faultsRemote'
  | 'writtenBack'
  | 'bytesWritten'
  | 'bytesRead'
