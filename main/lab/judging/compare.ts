import {
  type Comparison,
  type GateResult,
  type LaneReport,
  metricFacts,
  policyDigestOf,
  type RunDocument,
} from '../../contract/index.ts'
import { changedConditions } from '../host/conditions.ts'
import { evaluateGate, type Gate, type JudgedMetric, judgeAll, parseGate } from '../statistics/index.ts'
import { commonMetrics, finished } from './blocks.ts'
import { specDifferences } from './spec-differences.ts'

/**
 * Every metric that both have in all their finished trials, lane by lane (lanes are the same where their labels are), judged together so that p is adjusted
 * for their number. Only finished trials count.
 */
export function compareRuns(base: RunDocument, next: readonly RunDocument[], gateTexts: readonly string[]): Comparison {
  const gates = gateTexts.map(parseGate)
  const rows = next.flatMap((run) => pairs(base, run).map((pair) => ({ ...pair, newRun: run.run.id })))
  const judged = judgeAll(rows)
  const metrics = judged.map((metric, index) => ({ ...metric, newRun: rows[index].newRun }))
  const warnings = next.flatMap((run) => warningsOf(base, run))
  if (rows.length === 0)
    warnings.push('The runs have no lane with finished trials in common: nothing could be compared.')
  return {
    base: sideOf(base),
    new: next.map(sideOf),
    warnings: [...new Set(warnings)],
    metrics,
    gates: gates.flatMap((gate) => evaluateByRun(gate, base, next, metrics)),
  }
}

const sideOf = ({ run: { id, name, mode } }: RunDocument) => ({ id, name, mode })

/** Each run by itself, unless its mode is another; where no run has a row, the gate watches nothing, and says so once. */
function evaluateByRun(
  gate: Gate,
  base: RunDocument,
  next: readonly RunDocument[],
  metrics: Comparison['metrics'],
): GateResult[] {
  if (metrics.length === 0) return evaluateGate(gate, [], 'runs').map((result) => ({ ...result, newRun: '' }))
  return next.flatMap((run) => {
    if (run.run.mode !== base.run.mode) return []
    const newRun = run.run.id
    const rows = metrics.filter((row) => row.newRun === newRun)
    const results = [
      ...(rows.length > 0 ? evaluateGate(gate, rows, 'runs') : []),
      ...(rows.some(({ metric }) => metric === gate.metric) ? rareOnes(gate, base, run) : []),
      ...lostLanes(gate, base, run),
    ]
    return results.map((result) => ({ ...result, newRun }))
  })
}

/** A lane of the base that a run has no finished trial of breaks the gate: one that is no longer watched would pass for ever. */
function lostLanes({ text, metric }: Gate, base: RunDocument, next: RunDocument): Omit<GateResult, 'newRun'>[] {
  const measured = new Set(next.lanes.filter((lane) => finished(lane).length > 0).map(({ label }) => label))
  return base.lanes
    .filter((lane) => metric in lane.metrics && !measured.has(lane.label))
    .map(({ label }) => ({
      gate: text,
      lane: label,
      metric,
      shift: null,
      broken: true,
      reason: 'The base has this lane, the new run has no finished trial of it.',
    }))
}

/** So does a lane whose trials do not all have the metric, so that it is not compared, while other lanes are. */
function rareOnes({ text, metric }: Gate, base: RunDocument, next: RunDocument): Omit<GateResult, 'newRun'>[] {
  return base.lanes.flatMap((lane) => {
    const other = next.lanes.find(({ label }) => label === lane.label)
    if (!other) return []
    const [from, to] = [finished(lane), finished(other)]
    const having = (trials: typeof from) => trials.filter(({ metrics }) => metrics[metric] !== undefined).length
    if (to.length === 0 || having(from) === 0 || having(from) + having(to) === from.length + to.length) return []
    return {
      gate: text,
      lane: lane.label,
      metric,
      shift: null,
      broken: true,
      reason:
        `Not compared: ${having(from)} of ${from.length} trials of the base have it, ${having(to)} of ${to.length} of the new run. ` +
        'Gate on a lower percentile, or make the trials longer.',
    }
  })
}

/** Nothing where one was measured and the other simulated: such a difference would be that of the model. */
function pairs(base: RunDocument, next: RunDocument): JudgedMetric[] {
  if (base.run.mode !== next.run.mode) return []
  return base.lanes.flatMap((lane) => {
    const other = next.lanes.find((candidate) => candidate.label === lane.label)
    if (!other) return []
    const [from, to] = [finished(lane), finished(other)]
    if (from.length === 0 || to.length === 0) return []
    return commonMetrics(lane, other).map((metric) => ({
      lane: lane.label,
      metric,
      ...metricFacts(metric),
      base: from.map(({ metrics }) => metrics[metric]),
      new: to.map(({ metrics }) => metrics[metric]),
    }))
  })
}

/** Metrics that some finished trials have and others lack: percentiles with too few events beyond them. */
function unevenMetrics(lane: LaneReport, other: LaneReport | undefined): string[] {
  if (!other) return []
  const common = new Set(commonMetrics(lane, other))
  const met = [...finished(lane), ...finished(other)].flatMap(({ metrics }) => Object.keys(metrics))
  return [...new Set(met)].filter((name) => !common.has(name))
}

/** Differences of two specifications that are named. */
const MOST_DIFFERENCES = 6

function differences(base: RunDocument, next: RunDocument): string {
  const all = specDifferences(base.spec, next.spec)
  const more = all.length - MOST_DIFFERENCES
  if (all.length === 0) return ''
  return `: ${all.slice(0, MOST_DIFFERENCES).join(', ')}${more > 0 ? `, and ${more} more` : ''}`
}

const MODE_WORDS = { measure: 'measured', simulate: 'simulated' } as const

function warningsOf(base: RunDocument, next: RunDocument): string[] {
  const warnings: string[] = []
  const name = `${next.run.id} (${next.run.name})`
  if (next.run.id === base.run.id)
    warnings.push(`${name} is compared with itself: nothing can differ, and a gate says nothing.`)
  if (next.run.mode !== base.run.mode)
    return [
      `${name} was ${MODE_WORDS[next.run.mode]} and ${base.run.id} ${MODE_WORDS[base.run.mode]}: measured and simulated runs are never compared.`,
    ]
  if (next.run.hostId !== base.run.hostId)
    warnings.push(`${name} was measured on another host (${next.run.host.hostname}).`)
  if (next.run.experimentHash !== base.run.experimentHash)
    warnings.push(`${name} has another specification${differences(base, next)}.`)
  const changed = changedConditions(base.run, next.run)
  if (changed.length > 0) warnings.push(`From ${base.run.id} to ${name} changed: ${changed.join(', ')}.`)
  if (next.run.corpus?.sha256 !== base.run.corpus?.sha256) warnings.push(`${name} swapped other page contents.`)
  const edited = base.lanes.filter((lane) => {
    const other = next.lanes.find(({ label }) => label === lane.label)
    const [from, to] = [policyDigestOf(lane.notes), policyDigestOf(other?.notes ?? [])]
    return from !== undefined && to !== undefined && from !== to
  })
  if (edited.length > 0)
    warnings.push(
      `${name} ran another text of the policy file of ${edited.map(({ label }) => `"${label}"`).join(', ')}.`,
    )
  for (const run of [base, next])
    if (run.run.status !== 'done') warnings.push(`${run.run.id} is ${run.run.status}: only its finished trials count.`)
  for (const lane of base.lanes) {
    const rare = unevenMetrics(
      lane,
      next.lanes.find((other) => other.label === lane.label),
    )
    if (rare.length > 0)
      warnings.push(`"${lane.label}": not in every trial of both runs, so not compared: ${rare.join(', ')}.`)
  }
  const missing = base.lanes.filter((lane) => !next.lanes.some((other) => other.label === lane.label))
  if (missing.length > 0) warnings.push(`${name} lacks ${missing.map((lane) => `"${lane.label}"`).join(', ')}.`)
  return warnings
}
