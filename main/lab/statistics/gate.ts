import { type ComparedMetric, type GateResult, LabError } from '../../contract/index.ts'
import { ALPHA } from './verdict.ts'

export interface Gate {
  /** As written. */
  text: string
  metric: string
  relation: '<=' | '>='
  /** Relative shift that must not be passed: 0.05 for +5 %. */
  limit: number
}

/** Trials a side from which there is an interval: of two runs, or of two lanes of one, whose ratios are by block. */
const FEWEST = { runs: 3, lanes: 6 }

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
 * for want of trials the shift alone decides; where a value of 0 leaves none, the shift of the medians does, if p ≤ 5 %
 * or no value of one side reaches the other. A gate on a metric that nothing in the comparison has is broken,
 * since a gate that watches nothing would pass for ever.
 */
export function evaluateGate(
  gate: Gate,
  metrics: readonly ComparedMetric[],
  of: keyof typeof FEWEST,
): Omit<GateResult, 'newRun'>[] {
  const rows = metrics.filter(({ metric }) => metric === gate.metric)
  if (rows.length > 0) return rows.map((row) => evaluateRow(gate, row, FEWEST[of]))
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

function evaluateRow(gate: Gate, row: ComparedMetric, fewest: number): Omit<GateResult, 'newRun'> {
  const result = { gate: gate.text, lane: row.lane, metric: row.metric, shift: row.shift }
  const shift = row.shift ?? shiftOfMedians(row)
  const figures = Number.isFinite(shift)
    ? `${signed(shift)} against a limit of ${signed(gate.limit)}`
    : `The base is 0, the new median ${row.new} ${row.unit}`
  if (!isBeyond(gate, shift)) return { ...result, broken: false, reason: `${figures}.` }
  if (row.low === null || row.high === null) return { ...result, ...withoutInterval(row, figures, fewest) }
  const interval = `95 % interval ${signed(row.low)} to ${signed(row.high)}`
  const nearest = gate.relation === '<=' ? row.low : row.high
  if (isBeyond(gate, nearest)) return { ...result, broken: true, reason: `${figures}, ${interval}.` }
  return {
    ...result,
    broken: false,
    reason: `${figures}, but not proven: ${interval} reaches the limit. Collect more trials.`,
  }
}

/** Where a value is 0 there are no ratios to be had of all blocks; from a base of 0 only the direction is known. */
function shiftOfMedians(row: ComparedMetric): number {
  if (row.base !== 0) return (row.new - row.base) / Math.abs(row.base)
  return row.new === 0 ? 0 : Math.sign(row.new) * Number.POSITIVE_INFINITY
}

/** A shift beyond the limit decides alone where there are too few trials, and else where it is no luck of the draw. */
function withoutInterval(row: ComparedMetric, figures: string, fewest: number): Pick<GateResult, 'broken' | 'reason'> {
  const { n, p, cliffsDelta } = row
  if (Math.min(n.base, n.new) < fewest)
    return { broken: true, reason: `${figures}; too few trials for an interval (${n.base} and ${n.new}).` }
  if (p <= ALPHA || Math.abs(cliffsDelta) === 1)
    return { broken: true, reason: `${figures}; values of 0 leave no interval, p ${p.toPrecision(2)}.` }
  return {
    broken: false,
    reason: `${figures}, but not proven: values of 0 leave no interval, and p is ${p.toPrecision(2)}. Collect more trials.`,
  }
}

function isBeyond(gate: Gate, shift: number): boolean {
  return gate.relation === '<=' ? shift > gate.limit : shift < gate.limit
}

function signed(share: number): string {
  return `${share < 0 ? '−' : '+'}${Math.abs(share * 100).toFixed(1)} %`
}
