import {
  EngineLane,
  isCompressedLane,
  isKernelLane,
  isPoolLane,
  type LaneReport,
  type LaneSpec,
} from '../../contract/index.ts'
import { digits } from '../readable.ts'
import { canonicalJson } from '../specifications/experiment-hash.ts'

/** What a lane is judged by. */
export interface Measure {
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

/** Throughput in a closed loop, the tail of the response in an open one. */
export function measureOf(lanes: readonly LaneReport[]): Measure {
  if (!lanes.some((lane) => lane.metrics['access.ns.p50'])) return THROUGHPUT
  return response(lanes.every((lane) => lane.metrics['access.ns.p99']) ? 'p99' : 'p50')
}

/** Two lanes that a run compares, and what a person would ask about them. */
export interface Question {
  /** What kind of answer it wants: which lane is faster, the same as one of many lanes that are asked about, or whether the lab tells a lane from itself. */
  kind: 'faster' | 'one of many' | 'itself'
  question: string
  base: LaneReport
  next: LaneReport
  /** What it is judged by. */
  measure: Measure
  /** The lanes in a sentence. */
  baseName: string
  nextName: string
}

export const WRITEBACK_QUESTION = 'Is writeback worth it here?'
export const COMPRESSION_QUESTION = 'Is compressed swap worth it here?'
export const ITSELF_QUESTION = 'Is a lane the same as itself here (A/A)?'

/** What the lanes of a run allow to ask; the first is the headline. Where nothing special is: each lane against the first that times the same. */
export function questionsOf(lanes: readonly LaneReport[]): Question[] {
  const measure = measureOf(lanes)
  const questions = twins(lanes, measure)
  const pair = writebackPair(lanes)
  if (pair)
    questions.push({
      kind: 'faster',
      question: WRITEBACK_QUESTION,
      base: pair.off,
      next: pair.on,
      measure,
      baseName: 'off',
      nextName: 'writeback on',
    })
  const raw = lanes.find((lane) => lane.spec.lane === 'raw')
  const best = bestOf(
    measure,
    // A live lane's figures hold the touch, the exception and the copy, which plain swap's do not; RAMster has memory that plain swap has not.
    lanes.filter(({ spec }) => isCompressedLane(spec) && spec.lane !== 'live' && spec.lane !== 'ramster'),
  )
  if (raw && best)
    questions.push({
      kind: 'faster',
      question: COMPRESSION_QUESTION,
      base: raw,
      next: best,
      measure,
      baseName: 'plain swap',
      nextName: best.label,
    })
  return questions.length > 0 ? questions : againstTheFirst(lanes, measure)
}

function againstTheFirst(lanes: readonly LaneReport[], measure: Measure): Question[] {
  return lanes.flatMap((next, index): Question[] => {
    const base = lanes.slice(0, index).find((lane) => footing(lane.spec) === footing(next.spec))
    if (!base) return []
    const question = `Is "${next.label}" faster than "${base.label}"?`
    const [baseName, nextName] = [`"${base.label}"`, `"${next.label}"`]
    return [{ kind: 'one of many', question, base, next, measure, baseName, nextName }]
  })
}

/**
 * What an access holds in this lane: a call into the engine, a touch of live memory, or one of the kernel's, where page-outs that a model asks for have no time of their own.
 * Lanes on the same footing alone may be asked which is faster.
 */
export function footing(lane: LaneSpec): 'engine' | 'live' | 'kernel' | 'kernel as told' | 'kernel block by block' {
  if (!isKernelLane(lane)) return lane.lane === 'live' ? 'live' : 'engine'
  if (lane.lane === 'kernel-zram' && lane.as === 'block') return 'kernel block by block'
  return lane.lane === 'kernel-zswap' && lane.reclaim === 'model' ? 'kernel as told' : 'kernel'
}

/** Lanes that are one and the same but for their label. */
function twins(lanes: readonly LaneReport[], measure: Measure): Question[] {
  const key = (spec: LaneSpec) => canonicalJson({ ...spec, label: undefined })
  return lanes.flatMap((next, index): Question[] => {
    const base = lanes.slice(0, index).find((lane) => key(lane.spec) === key(next.spec))
    if (!base) return []
    const [baseName, nextName] = [base.label, next.label]
    return [{ kind: 'itself', question: ITSELF_QUESTION, base, next, measure, baseName, nextName }]
  })
}

/** Fields of a lane that say nothing while writeback is off (the contract says so of most), and those that a pair may differ in. */
const ONLY_WITH_WRITEBACK = new Set([
  'label',
  'writeback',
  'compaction',
  'shrinker',
  'incompressible',
  ...EngineLane.options.flatMap(({ shape }) =>
    Object.entries(shape).flatMap(([field, schema]) => (schema.meta()?.usedWith === 'writeback' ? [field] : [])),
  ),
])

/** The first two lanes that differ in nothing but writeback and what only matters while it is on. */
function writebackPair(lanes: readonly LaneReport[]): { on: LaneReport; off: LaneReport } | null {
  const key = ({ spec }: LaneReport) => {
    if (!isPoolLane(spec)) return null
    const always = Object.entries(spec).filter(
      ([field, value]) => value !== undefined && !ONLY_WITH_WRITEBACK.has(field),
    )
    return JSON.stringify(always.sort())
  }
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

function percent(shift: number | null, above: string, below: string): string | null {
  return shift === null ? null : `${digits(Math.abs(shift) * 100)} % ${shift < 0 ? below : above}`
}
