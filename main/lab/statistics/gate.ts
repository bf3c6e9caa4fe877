import { type ComparedMetric, type GateResult, LabError } from '../../contract/index.ts'

export interface Gate {
  /** As written. */
  text: string
  metric: string
  relation: '<=' | '>='
  /** Relative shift that must not be passed: 0.05 for +5 %. */
  limit: number
}

const GATE = /^\s*([a-z][a-z0-9_]*(?:\.[a-z0-9_]+)*)\s*(<=|>=)\s*([+-]?\d+(?:\.\d+)?)\s*%\s*$/

/**
 * Reads a gate: a metric, `<=` or `>=`, a signed percentage of the base: `fault.ns.p99<=+5%`, `accesses.per_s>=-3%`.
 * Throws LabError `bad_input` that names what is allowed.
 */
export function parseGate(text: string): Gate {
  const match = GATE.exec(text)
  if (match === null) {
    throw new LabError({
      code: 'bad_input',
      message: `The gate "${text}" cannot be read: it needs a metric, <= or >=, and a percentage of the base.`,
      remedy: 'Write for example fault.ns.p99<=+5% (at most 5 % more) or accesses.per_s>=-3% (at most 3 % less).',
      field: 'gates',
    })
  }
  const [, metric, relation, percent] = match
  return { text: text.trim(), metric, relation: relation === '<=' ? '<=' : '>=', limit: Number(percent) / 100 }
}

/**
 * Holds a gate against the rows of a comparison, one result per lane that has the metric. *Broken* means shown to be
 * broken: the shift and its whole 95 % interval lie beyond the limit; where they do not, but the shift itself does, the
 * gate holds and says that more trials are needed, so that noise alone never fails a build. Where there is no interval
 * (fewer than three trials) the shift alone decides. A gate on a metric that nothing in the comparison has is broken,
 * since a gate that watches nothing would pass for ever.
 */
export function evaluateGate(gate: Gate, metrics: readonly ComparedMetric[]): Omit<GateResult, 'newRun'>[] {
  const rows = metrics.filter(({ metric }) => metric === gate.metric)
  if (rows.length > 0) return rows.map((row) => evaluateRow(gate, row))
  const known = [...new Set(metrics.map(({ metric }) => metric))].sort()
  return [
    {
      gate: gate.text,
      lane: '',
      metric: gate.metric,
      shift: null,
      broken: true,
      reason: `Nothing that is compared has ${gate.metric} on both sides. There is: ${known.join(', ') || 'no metric in common'}.`,
    },
  ]
}

function evaluateRow(gate: Gate, row: ComparedMetric): Omit<GateResult, 'newRun'> {
  const result = { gate: gate.text, lane: row.lane, metric: row.metric, shift: row.shift }
  if (row.shift === null) {
    // From a base of 0 only the direction is known: staying at 0 is a shift of 0, leaving it one without bound.
    const shift = row.new === 0 ? 0 : Math.sign(row.new) * Number.POSITIVE_INFINITY
    return { ...result, broken: isBeyond(gate, shift), reason: `The base is 0, the new median ${row.new} ${row.unit}.` }
  }
  const figures = `${signed(row.shift)} against a limit of ${signed(gate.limit)}`
  if (!isBeyond(gate, row.shift)) return { ...result, broken: false, reason: `${figures}.` }
  if (row.low === null || row.high === null) {
    return {
      ...result,
      broken: true,
      reason: `${figures}; too few trials for an interval (${row.n.base} and ${row.n.new}).`,
    }
  }
  const interval = `95 % interval ${signed(row.low)} to ${signed(row.high)}`
  const nearest = gate.relation === '<=' ? row.low : row.high
  if (isBeyond(gate, nearest)) return { ...result, broken: true, reason: `${figures}, ${interval}.` }
  return {
    ...result,
    broken: false,
    reason: `${figures}, but not proven: ${interval} reaches the limit. Collect more trials.`,
  }
}

function isBeyond(gate: Gate, shift: number): boolean {
  return gate.relation === '<=' ? shift > gate.limit : shift < gate.limit
}

function signed(share: number): string {
  return `${share < 0 ? '−' : '+'}${Math.abs(share * 100).toFixed(1)} %`
}
