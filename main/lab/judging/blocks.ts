import { type ComparedMetric, type LaneReport, metricFacts, type TrialReport } from '../../contract/index.ts'
import { type JudgedMetric, judgeBlockedAll } from '../statistics/index.ts'

/** Two lanes of one run side by side, block by block: what makes their ratio rid of the machine's moods. */

/** Values of one metric in the blocks that hold a finished trial of both; base[i] and new[i] are of one block. */
export function pairedBlocks(base: LaneReport, next: LaneReport, metric: string): { base: number[]; new: number[] } {
  const ofBase = new Map(finished(base).map((trial) => [trial.block, trial.metrics[metric]]))
  const pairs = finished(next).flatMap(({ block, metrics }) => {
    const from = ofBase.get(block)
    const to = metrics[metric]
    return from === undefined || to === undefined ? [] : [[from, to] as const]
  })
  return { base: pairs.map(([value]) => value), new: pairs.map(([, value]) => value) }
}

/**
 * Metrics that every finished trial of both lanes has. A percentile too rare to be shown in some trials is biased in the
 * others, so it cannot be compared.
 */
export function commonMetrics(base: LaneReport, next: LaneReport): string[] {
  const trials = [...finished(base), ...finished(next)]
  const [first] = trials
  if (!first) return []
  return Object.keys(first.metrics).filter((name) => trials.every(({ metrics }) => metrics[name] !== undefined))
}

/** Every metric of two lanes, judged by block, with p adjusted for their number. */
export function compareLanes(base: LaneReport, next: LaneReport): ComparedMetric[] {
  const rows = commonMetrics(base, next).flatMap((metric): JudgedMetric[] => {
    const sides = pairedBlocks(base, next, metric)
    return sides.base.length === 0 ? [] : [{ lane: next.label, metric, ...metricFacts(metric), ...sides }]
  })
  return judgeBlockedAll(rows)
}

/** Trials that were carried out to their end: the only ones that count. */
export function finished(lane: LaneReport): TrialReport[] {
  return lane.trials.filter(({ status }) => status === 'done')
}
