import { type ComparedMetric, type Comparison, type GateResult, LabError, type RunDocument } from '../contract/index.ts'
import { metricFacts } from './metric-facts.ts'
import { type JudgedMetric, judgeAll, MIN_TRIALS } from './statistics/index.ts'

type Compared = ComparedMetric & { newRun: string }

interface Gate {
  text: string
  lane: string | null
  metric: string
  direction: '<=' | '>='
  /** Share: +5 % is 0.05. */
  limit: number
}

const GATE = /^(?:(?<lane>[^:]+):)?(?<metric>[a-z][\w.]*)(?<direction><=|>=)(?<limit>[+-]?\d+(?:\.\d+)?)%$/

/**
 * Reads a gate: `fault.ns.p99<=+5%` (at most 5 % more than the base), `accesses.per_s>=-3%` (at most 3 % fewer); `LANE:` before
 * it narrows it to one lane.
 * @throws LabError `bad_input`, field `gates`
 */
export function parseGate(text: string): Gate {
  const parts = GATE.exec(text.replaceAll(/\s*(<=|>=)\s*/g, '$1').trim())?.groups
  if (!parts)
    throw new LabError({
      code: 'bad_input',
      field: 'gates',
      message: `"${text}" is no gate.`,
      remedy: "Write METRIC<=+N% or METRIC>=-N%, e.g. 'fault.ns.p99<=+5%'; LANE: before it narrows it to one lane.",
    })
  return {
    text,
    lane: parts.lane?.trim() ?? null,
    metric: parts.metric,
    direction: parts.direction === '<=' ? '<=' : '>=',
    limit: Number(parts.limit) / 100,
  }
}

/**
 * Every metric that both have, lane by lane (lanes are the same where their labels are), judged together so that p is adjusted
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
    base: { id: base.run.id, name: base.run.name },
    new: next.map((run) => ({ id: run.run.id, name: run.run.name })),
    warnings,
    metrics,
    gates: gates.flatMap((gate) => judgeGate(gate, metrics)),
  }
}

function pairs(base: RunDocument, next: RunDocument): JudgedMetric[] {
  return base.lanes.flatMap((lane) => {
    const other = next.lanes.find((candidate) => candidate.label === lane.label)
    if (!other) return []
    const values = (report: typeof lane, name: string) =>
      report.trials.flatMap(({ status, metrics }) =>
        status === 'done' && metrics[name] !== undefined ? [metrics[name]] : [],
      )
    const names = [...new Set(lane.trials.flatMap((trial) => Object.keys(trial.metrics)))]
    return names.flatMap((metric) => {
      const sides = { base: values(lane, metric), new: values(other, metric) }
      if (sides.base.length === 0 || sides.new.length === 0) return []
      return [{ lane: lane.label, metric, ...metricFacts(metric), ...sides }]
    })
  })
}

function warningsOf(base: RunDocument, next: RunDocument): string[] {
  const warnings: string[] = []
  const name = `${next.run.id} (${next.run.name})`
  if (next.run.hostId !== base.run.hostId)
    warnings.push(`${name} was measured on another host (${next.run.host.hostname}).`)
  if (next.run.experimentHash !== base.run.experimentHash) warnings.push(`${name} has another specification.`)
  if (next.run.version !== base.run.version) warnings.push(`${name} was measured by Swaplab ${next.run.version}.`)
  if (next.run.corpus?.sha256 !== base.run.corpus?.sha256) warnings.push(`${name} swapped other page contents.`)
  for (const run of [base, next])
    if (run.run.status !== 'done') warnings.push(`${run.run.id} is ${run.run.status}: only its finished trials count.`)
  const missing = base.lanes.filter((lane) => !next.lanes.some((other) => other.label === lane.label))
  if (missing.length > 0) warnings.push(`${name} lacks ${missing.map((lane) => `"${lane.label}"`).join(', ')}.`)
  return warnings
}

function judgeGate(gate: Gate, metrics: readonly Compared[]): GateResult[] {
  const rows = metrics.filter((row) => row.metric === gate.metric && (gate.lane === null || row.lane === gate.lane))
  if (rows.length === 0) {
    const known = [...new Set(metrics.map((row) => (gate.lane === null ? row.metric : `${row.lane}:${row.metric}`)))]
    throw new LabError({
      code: 'bad_input',
      field: 'gates',
      message: `The gate "${gate.text}" names what neither run has in common.`,
      remedy: `Metrics here: ${known.slice(0, 60).join(', ') || 'none'}.`,
    })
  }
  return rows.map((row) => ({
    gate: gate.text,
    lane: row.lane,
    metric: row.metric,
    shift: row.shift,
    ...ruling(gate, row),
  }))
}

const signed = (share: number) => `${share < 0 ? '−' : '+'}${Math.abs(share * 100).toFixed(1)} %`

/**
 * A gate breaks where the shift is beyond its limit and the difference is proven; with fewer trials than any proof needs, by
 * the medians alone, and the reason says so: a gate that can never break would be worse.
 */
function ruling(gate: Gate, row: Compared): { broken: boolean; reason: string } {
  const beyond = (shift: number) => (gate.direction === '<=' ? shift > gate.limit : shift < gate.limit)
  if (row.shift === null) {
    const grew = row.new > row.base
    const broken = gate.direction === '<=' ? grew : false
    return { broken, reason: `the base is 0, the new median ${row.new}: no relative shift` }
  }
  const moved = `${signed(row.shift)} against a limit of ${signed(gate.limit)}`
  if (!beyond(row.shift)) return { broken: false, reason: `${moved}: kept` }
  if (Math.min(row.n.base, row.n.new) < MIN_TRIALS)
    return { broken: true, reason: `${moved}, by the medians alone: fewer than ${MIN_TRIALS} trials prove nothing` }
  if (row.verdict === 'different') return { broken: true, reason: `${moved}: broken` }
  return { broken: false, reason: `${moved}, but not proven (${row.verdict}): collect more trials` }
}
