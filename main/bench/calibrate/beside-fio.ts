import { FIO_FIGURES, FIO_LIMITS, type FioComparison, type FioVerdict } from '../../contract/index.ts'
import { bucketValue, type HistogramData } from '../measure/histogram.ts'
import { Random } from '../workloads/index.ts'

/** Ours over fio's, how sure that is, and whether it holds. Values in, figures out. */

type Figure = (typeof FIO_FIGURES)[number]

/** What one side did in one turn. `parts`: latencies of the transfer, and of the sync where there is one. */
export interface TurnResult {
  parts: HistogramData[]
  perSecond: number
}

/** Looks at a row, at most: it is judged again after each portion of turns, until it is decided. */
export const LOOKS = 10
/**
 * Of the interval of one look. Ten equal looks at 0.9894 let the true ratio out of any of their intervals as seldom as one look at 0.95 does out of its own
 * (S. J. Pocock, "Group sequential methods in the design and analysis of clinical trials", Biometrika 64, 1977, table 1: 0.0106); ten at 0.95 would four times as often.
 */
export const LOOK_LEVEL = 0.9894
const QUANTILES = [0.5, 0.99]
const RESAMPLES = 2000
const SEED = 1
/** Fewer turns than this can hardly be drawn differently. */
const MIN_TURNS = 3

/**
 * Turn i of ours and of fio are neighbours in time. Percentiles are those of all turns together, the rate the median over the turns of ours / fio's. Intervals by
 * bootstrap over pairs of turns, because stalls of a host come in bunches and a turn holds few of them, however many operations it has. Where write and sync are two calls, the sums of their
 * percentiles are compared.
 */
export function besideFio(ours: TurnResult[], theirs: TurnResult[]): FioComparison {
  const turns = ours.length
  const sides = [ours, theirs].map((side) =>
    side[0].parts.map((_, part) => new Pool(side.map((one) => one.parts[part]))),
  )
  const rates = ours
    .map(({ perSecond }, turn) => ({ turn, value: perSecond / theirs[turn].perSecond }))
    .sort((a, b) => a.value - b.value)
  const ratios = (weights: Uint32Array): Record<Figure, number> => {
    const [own, fio] = sides.map((parts) => {
      const quantiles = parts.map((part) => part.quantiles(weights, QUANTILES))
      return QUANTILES.map((_, which) => quantiles.reduce((sum, ns) => sum + ns[which], 0))
    })
    return { p50: own[0] / fio[0], p99: own[1] / fio[1], perSecond: weightedMedian(rates, weights) }
  }
  const found = ratios(new Uint32Array(turns).fill(1))
  const drawn = turns < MIN_TURNS ? null : resampled(turns, ratios)
  const figure = (name: Figure) => {
    const interval = drawn === null ? null : range(drawn.map((draw) => draw[name]))
    return { ...(interval ?? { low: null, high: null }), verdict: verdictOf(name, interval) }
  }
  const figures = { p50: figure('p50'), p99: figure('p99'), perSecond: figure('perSecond') }
  const verdicts = FIO_FIGURES.map((name) => figures[name].verdict)
  const verdict = (['missed', 'unclear'] as const).find((one) => verdicts.includes(one)) ?? 'holds'
  return { ...found, judged: { turns, level: LOOK_LEVEL, verdict, ...figures } }
}

function verdictOf(name: Figure, interval: { low: number; high: number } | null): FioVerdict {
  if (interval === null) return 'unclear'
  const limit = FIO_LIMITS[name]
  const [best, worst, sign] =
    name === 'perSecond' ? [interval.high, interval.low, -1] : [interval.low, interval.high, 1]
  if (sign * (worst - limit) <= 0) return 'holds'
  return sign * (best - limit) > 0 ? 'missed' : 'unclear'
}

function resampled<T>(turns: number, of: (weights: Uint32Array) => T): T[] {
  const random = new Random(SEED)
  const weights = new Uint32Array(turns)
  return Array.from({ length: RESAMPLES }, () => {
    weights.fill(0)
    for (let draw = 0; draw < turns; draw++) weights[random.below(turns)]++
    return of(weights)
  })
}

function range(values: number[]): { low: number; high: number } {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))]
  return { low: at((1 - LOOK_LEVEL) / 2), high: at((1 + LOOK_LEVEL) / 2) }
}

/** Of values in ascending order that count as often as the weight of their turn says; the weights sum up to the number of turns. */
function weightedMedian(ascending: readonly { turn: number; value: number }[], weights: Uint32Array): number {
  const below = (ascending.length - 1) >> 1
  const above = ascending.length >> 1
  let seen = 0
  let lower: number | null = null
  for (const { turn, value } of ascending) {
    seen += weights[turn]
    if (lower === null && seen > below) lower = value
    if (lower !== null && seen > above) return (lower + value) / 2
  }
  return Number.NaN
}

/** The histograms of the turns, ready to be put together again and again: the buckets any of them has, and each turn's counts in them. */
class Pool {
  private readonly buckets: number[]
  private readonly turns: { at: number[]; count: number[]; total: number }[]
  private readonly sum: Float64Array

  constructor(turns: HistogramData[]) {
    this.buckets = [...new Set(turns.flatMap(({ bucket }) => bucket))].sort((a, b) => a - b)
    const places = new Map(this.buckets.map((bucket, at) => [bucket, at]))
    this.turns = turns.map(({ bucket, count }) => ({
      at: bucket.map((one) => places.get(one) ?? 0),
      count,
      total: count.reduce((sum, n) => sum + n, 0),
    }))
    this.sum = new Float64Array(this.buckets.length)
  }

  /** ns, with turn i counted weights[i] times; `shares` ascend. */
  quantiles(weights: Uint32Array, shares: readonly number[]): number[] {
    this.sum.fill(0)
    let total = 0
    for (const [turn, { at, count, total: own }] of this.turns.entries()) {
      const weight = weights[turn]
      if (weight === 0) continue
      total += weight * own
      for (let i = 0; i < at.length; i++) this.sum[at[i]] += weight * count[i]
    }
    let place = 0
    let seen = this.sum[0]
    return shares.map((share) => {
      const rank = Math.max(1, Math.ceil(total * share))
      while (seen < rank && place < this.sum.length - 1) seen += this.sum[++place]
      return bucketValue(this.buckets[place])
    })
  }
}
