import { isPoolLane, type LaneReport, type Verdict } from '../contract/index.ts'
import { readableBytes, readableNs } from './readable.ts'
import { BAND, type Judgement, judgeBlocked, MIN_BLOCKS, median, relativeShiftInterval } from './statistics/index.ts'

/** Fewest trials from which anything at all is said. */
const MIN_INDICATION = 3

export const WRITEBACK_QUESTION = 'Is writeback worth it here?'
export const COMPRESSION_QUESTION = 'Is compressed swap worth it here?'

/** What a lane is judged by. */
interface Measure {
  metric: string
  betterIs: 'higher' | 'lower'
  /** 'serves 3.1 % more accesses per second', of a shift; null: it has no number. */
  claim: (shift: number | null) => string
}

const THROUGHPUT: Measure = {
  metric: 'accesses.per_s',
  betterIs: 'higher',
  claim: (shift) => `serves ${percent(shift, 'more', 'fewer') ?? 'a different number of'} accesses per second`,
}

/** In an open loop the rate is given: what differs is how long an access takes at it. */
const response = (quantile: 'p99' | 'p50'): Measure => ({
  metric: `access.ns.${quantile}`,
  betterIs: 'lower',
  claim: (shift) => `answers ${percent(shift, 'later', 'sooner') ?? 'at another time'} at ${quantile} of all accesses`,
})

function measureOf(lanes: readonly LaneReport[]): Measure {
  if (!lanes.some((lane) => lane.metrics['access.ns.p50'])) return THROUGHPUT
  return response(lanes.every((lane) => lane.metrics['access.ns.p99']) ? 'p99' : 'p50')
}

/** What the lanes of a run allow to answer; the first is the headline. */
export function verdictsOf(lanes: readonly LaneReport[]): Verdict[] {
  const verdicts: Verdict[] = []
  const measure = measureOf(lanes)
  const answer = (question: string, name: string, next: LaneReport, baseName: string, base: LaneReport) =>
    answered(measure, question, name, next, baseName, base, lanes.length)
  const pair = writebackPair(lanes)
  if (pair) verdicts.push(answer(WRITEBACK_QUESTION, 'writeback on', pair.on, 'off', pair.off))
  const raw = lanes.find((lane) => lane.spec.lane === 'raw')
  const best = bestOf(
    measure,
    lanes.filter((lane) => isPoolLane(lane.spec)),
  )
  if (raw && best) verdicts.push(answer(COMPRESSION_QUESTION, best.label, best, 'plain swap', raw))
  return verdicts
}

/** The first two lanes that differ in nothing but writeback and what only matters while it is on. */
function writebackPair(lanes: readonly LaneReport[]): { on: LaneReport; off: LaneReport } | null {
  const key = ({ spec }: LaneReport) =>
    isPoolLane(spec) ? `${spec.lane} ${spec.codec} ${spec.level} ${spec.allocator}` : null
  for (const on of lanes) {
    if (!isPoolLane(on.spec) || on.spec.writeback !== 'on') continue
    const off = lanes.find((lane) => isPoolLane(lane.spec) && lane.spec.writeback === 'off' && key(lane) === key(on))
    if (off) return { on, off }
  }
  return null
}

function bestOf({ metric, betterIs }: Measure, lanes: readonly LaneReport[]): LaneReport | undefined {
  const worth = (lane: LaneReport) => {
    const value = lane.metrics[metric]?.median
    return value === undefined ? Number.NEGATIVE_INFINITY : betterIs === 'higher' ? value : -value
  }
  return lanes.reduce<LaneReport | undefined>(
    (best, lane) => (best && worth(best) >= worth(lane) ? best : lane),
    undefined,
  )
}

/**
 * Trials of two lanes side by side, block by block: each block holds one trial of each of `width` lanes, in the order carried
 * out. A block that lost a trial of either lane is left out as a whole.
 */
function blocks(next: LaneReport, base: LaneReport, metric: string, width: number): { base: number[]; next: number[] } {
  const values = (lane: LaneReport) =>
    new Map(
      lane.trials.flatMap((trial) =>
        trial.status === 'done' && trial.metrics[metric] !== undefined
          ? [[Math.floor(trial.order / width), trial.metrics[metric]] as const]
          : [],
      ),
    )
  const [a, b] = [values(base), values(next)]
  const pairs = [...a].flatMap(([block, value]) => {
    const other = b.get(block)
    return other === undefined ? [] : [[value, other] as const]
  })
  return { base: pairs.map(([value]) => value), next: pairs.map(([, value]) => value) }
}

function answered(
  { metric, betterIs, claim }: Measure,
  question: string,
  name: string,
  next: LaneReport,
  baseName: string,
  base: LaneReport,
  width: number,
): Verdict {
  const values = blocks(next, base, metric, width)
  const n = values.base.length
  if (n < MIN_INDICATION)
    return {
      question,
      answer: 'unknown',
      sentence: `Unknown: ${n === 0 ? 'no trial' : `only ${n} ${n === 1 ? 'trial' : 'trials'}`} of both lanes finished, and ${MIN_INDICATION} is the least from which anything follows.`,
    }
  if (next.counters.pgfault === 0 && base.counters.pgfault === 0)
    return {
      question,
      answer: 'unknown',
      sentence: 'Unknown: the workload fits in the RAM, so nothing was swapped. Give it more pages than memory.frames.',
    }
  const judged = n >= MIN_BLOCKS ? judgeBlocked(values.base, values.next, { betterIs }) : indication(values)
  const side = sideFigures(next, base, width)
  const than = `than ${baseName}`
  const figures = `${capital(name)} ${claim(judged.shift)} ${than}${interval(judged)}${side}`
  const trials = `${n} trials a lane`
  switch (judged.verdict) {
    case 'different': {
      const better = betterIs === 'higher' ? (judged.shift ?? 0) > 0 : (judged.shift ?? 0) < 0
      return {
        question,
        answer: better ? 'yes' : 'no',
        sentence: `${better ? 'Yes' : 'No'}${n < MIN_BLOCKS ? ' (an indication: six trials can prove it)' : ''}: ${lower(figures)}; ${trials}.`,
      }
    }
    case 'same':
      return {
        question,
        answer: 'same',
        sentence: `It makes no difference of ${BAND * 100} % or more: ${lower(figures)}; ${trials}.`,
      }
    case 'unknown':
      return {
        question,
        answer: 'unknown',
        sentence: `Unknown, collect more trials: ${lower(figures)}; ${trials}.`,
      }
  }
}

type Judged = Pick<Judgement, 'shift' | 'low' | 'high' | 'verdict'>

/**
 * Fewer than six blocks cannot carry 95 % confidence. What is so clear that every trial of one lane beats every one of the
 * other, and the whole interval lies beyond 5 %, is still worth saying; called an indication.
 */
function indication({ base, next }: { base: number[]; next: number[] }): Judged {
  const { shift, low, high } = relativeShiftInterval(base, next)
  const apart = Math.min(...next) > Math.max(...base) || Math.max(...next) < Math.min(...base)
  const clear = low !== null && high !== null && (low > BAND || high < -BAND)
  return { shift, low, high, verdict: apart && clear ? 'different' : 'unknown' }
}

/** p99 of all faults and bytes written, of both lanes, where both were measured. */
function sideFigures(next: LaneReport, base: LaneReport, width: number): string {
  const pair = (metric: string) => {
    const { base: a, next: b } = blocks(next, base, metric, width)
    return a.length > 0 ? ([median(b), median(a)] as const) : null
  }
  const p99 = pair('fault.ns.p99')
  const written = pair('disk.bytes_written')
  return [
    p99 ? `, p99 fault ${readableNs(p99[0])} against ${readableNs(p99[1])}` : '',
    written ? `, ${readableBytes(written[0])} written against ${readableBytes(written[1])} a trial` : '',
  ].join('')
}

function percent(shift: number | null, above: string, below: string): string | null {
  return shift === null ? null : `${digits(Math.abs(shift) * 100)} % ${shift < 0 ? below : above}`
}

function interval({ low, high }: Judged): string {
  if (low === null || high === null) return ''
  const signed = (value: number) => `${value < 0 ? '−' : '+'}${digits(Math.abs(value) * 100)}`
  return ` (${signed(low)} to ${signed(high)} %)`
}

const digits = (value: number) => (value >= 10 ? value.toFixed(0) : value.toFixed(1))
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)
const lower = (text: string) => text.charAt(0).toLowerCase() + text.slice(1)
