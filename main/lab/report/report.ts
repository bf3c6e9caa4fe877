import type { FullRunRow, RunRow, TrialRow } from '../../../db/index.ts'
import { type HistogramData, mergeHistograms, percentile } from '../../bench/index.ts'
import {
  type LaneReport,
  laneLabel,
  type Metric,
  metricFacts,
  type Outlier,
  PERCENTILES,
  type RunDocument,
  type RunSummary,
  type TrialReport,
  type Verdict,
} from '../../contract/index.ts'
import { saidOnce } from '../host/warnings.ts'
import { verdictsOf } from '../judging/verdicts.ts'
import { bootstrapMedianInterval, median, tukeyOutliers } from '../statistics/index.ts'
import { doubted } from './doubts.ts'
import { twinsOf } from './kernel-twin.ts'
import { policyCost } from './policy-cost.ts'

/** One histogram of one trial, as the history hands it out. */
export interface TrialHistogram {
  lane: number
  position: number
  name: string
  histogram: HistogramData
}

/** A run as lists show it: nothing that has to be made from its trials. */
export function runSummary(row: RunRow): RunSummary {
  return {
    id: row.id,
    name: row.name,
    mode: row.mode,
    status: row.status,
    startedAt: row.startedAt,
    endedAt: row.endedAt,
    durationMs: row.durationMs,
    experimentHash: row.experimentHash,
    hostId: row.hostId,
    lanes: row.lanes,
    trialsDone: row.trialsDone,
    trialsTotal: row.trialsTotal,
    tags: row.tags,
    note: row.note,
    headline: row.headline,
    baseline: row.baseline,
  }
}

/** The report of a run, from its rows: values in, values out. */
export function runDocument(
  row: FullRunRow,
  trials: readonly TrialRow[],
  histograms: readonly TrialHistogram[],
  baselineId: string | null,
): RunDocument {
  const { lanes, warnings } = doubted(laneReports(row, trials, histograms))
  const { lanes: _, ...summary } = runSummary(row)
  return {
    run: {
      ...summary,
      host: row.host,
      warnings: [...saidOnce(checksOf(row)), ...warnings],
      ...(row.fault ? { fault: row.fault } : {}),
      swapDir: row.importedAt === null ? row.swapDir : null,
      swapfile: row.swapfile,
      corpus: row.corpus,
      version: row.version,
      baselineId,
      collection: row.collection,
    },
    spec: row.spec,
    trialOrder: [
      ...row.trialOrder,
      // The order of what was added to the plan is known from what was carried out.
      ...trials.filter(({ report }) => report.order >= row.trialOrder.length).map(({ lane }) => lane),
    ].map((lane) => laneLabel(row.spec.lanes[lane])),
    lanes,
    verdicts: row.mode === 'simulate' ? verdictsOf(lanes).map(simulated) : verdictsOf(lanes),
    twin: twinsOf(row.spec, lanes),
    verified: {
      pages: sum(trials.map((trial) => trial.report.verified.pages)),
      mismatches: sum(trials.map((trial) => trial.report.verified.mismatches)),
    },
    observer: row.observer,
  }
}

/** The warnings of a run, and of the host before each time that more was collected. */
function checksOf({ warnings, collection }: FullRunRow): Parameters<typeof saidOnce>[0] {
  const later = (collection?.later ?? []).map(({ firstBlock, warnings: then = [] }) => ({ firstBlock, warnings: then }))
  return [{ firstBlock: 0, warnings }, ...later]
}

/** A verdict is quoted without its surroundings: the sentence itself says that nothing was measured. */
const simulated = (verdict: Verdict): Verdict => ({
  ...verdict,
  sentence: `Simulated, not measured: ${verdict.sentence}`,
})

const sum = (values: number[]) => values.reduce((total, value) => total + value, 0)

export function laneReports(
  row: FullRunRow,
  trials: readonly TrialRow[],
  histograms: readonly TrialHistogram[],
): LaneReport[] {
  return row.spec.lanes.map((spec, lane) => {
    const reports = trials.filter((trial) => trial.lane === lane).map((trial) => trial.report)
    const done = reports.filter((report) => report.status === 'done')
    const finished = new Set(done.map((report) => report.order))
    const own = histograms.filter((part) => part.lane === lane && finished.has(part.position))
    return {
      label: laneLabel(spec),
      spec,
      trials: reports,
      metrics: { ...rarePercentiles(own, done.length), ...trialMetrics(done.map((report) => report.metrics)) },
      counters: medians(done.map((report) => report.counters)),
      outliers: outliersOf(done),
      notes: [...(row.laneNotes[lane] ?? []), ...policyCost(done)],
    }
  })
}

function namesOf(records: readonly Record<string, number>[]): string[] {
  return [...new Set(records.flatMap((record) => Object.keys(record)))]
}

function valuesOf(records: readonly Record<string, number>[], name: string): number[] {
  return records.flatMap((record) => (record[name] === undefined ? [] : [record[name]]))
}

/** The headline of each metric: the median of the trials, each of them one sample, with its bootstrap interval. */
function trialMetrics(records: readonly Record<string, number>[]): Record<string, Metric> {
  const metrics: Record<string, Metric> = {}
  for (const name of namesOf(records)) {
    const values = valuesOf(records, name)
    // A percentile too rare in some trials is biased in the others; the merged histogram speaks for it.
    if (values.length < records.length) continue
    const interval = bootstrapMedianInterval(values)
    metrics[name] = {
      median: median(values),
      low: interval?.low ?? null,
      high: interval?.high ?? null,
      n: values.length,
      ...metricFacts(name),
    }
  }
  return metrics
}

/** Percentiles of the merged trials, for those too rare to show in every single one: no sample of trials, so no interval. */
function rarePercentiles(parts: readonly TrialHistogram[], n: number): Record<string, Metric> {
  const metrics: Record<string, Metric> = {}
  for (const [name, histograms] of byName(parts)) {
    const merged = mergeHistograms(histograms)
    for (const { name: suffix, quantile } of PERCENTILES) {
      const value = percentile(merged, quantile)
      if (value === null) continue
      const metric = `${name}.${suffix}`
      metrics[metric] = { median: value, low: null, high: null, n, ...metricFacts(metric) }
    }
  }
  return metrics
}

/** The histograms of each name, in the order met. */
export function byName(parts: readonly TrialHistogram[]): Map<string, HistogramData[]> {
  const named = new Map<string, HistogramData[]>()
  for (const { name, histogram } of parts) named.set(name, [...(named.get(name) ?? []), histogram])
  return named
}

/** Marked trials, by metric: what a reader may want to ask about. */
export function outliersOf(done: readonly TrialReport[]): Outlier[] {
  return namesOf(done.map(({ metrics }) => metrics)).flatMap((metric) => {
    const having = done.filter(({ metrics }) => metrics[metric] !== undefined)
    const { marks } = tukeyOutliers(having.map(({ metrics }) => metrics[metric]))
    return having.flatMap(({ order }, index): Outlier[] => {
      const mark = marks[index]
      return mark === 'inside' ? [] : [{ metric, order, mark }]
    })
  })
}

function medians(records: readonly Record<string, number>[]): Record<string, number> {
  return Object.fromEntries(namesOf(records).map((name) => [name, median(valuesOf(records, name))]))
}
