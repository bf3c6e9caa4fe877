import type { ComparedMetric } from '../../contract/index.ts'
import { benjaminiHochberg } from './benjamini-hochberg.ts'
import { type BootstrapOptions, relativeShiftInterval } from './bootstrap.ts'
import { cliffsDelta } from './cliffs-delta.ts'
import { kolmogorovSmirnov } from './kolmogorov-smirnov.ts'
import { mannWhitneyU } from './mann-whitney.ts'
import { median } from './median.ts'
import { serialDependence } from './serial-dependence.ts'
import { smallestDetectableChange } from './smallest-detectable-change.ts'
import { ALPHA, type Verdict, type VerdictOptions, verdictOf } from './verdict.ts'

/**
 * Trials a side below which the unpaired verdict stays *unknown*: with 4 against 4 the smallest possible p is 2/70,
 * above the halved alpha, and the interval of a median covers less than 90 %.
 */
const MIN_TRIALS = 5

type Better = 'lower' | 'higher'

export interface JudgeOptions extends VerdictOptions, Pick<BootstrapOptions, 'seed' | 'resamples'> {
  betterIs?: Better
}

/** The figures of one contract `ComparedMetric`, without its names. */
export type Judgement = Pick<
  ComparedMetric,
  | 'base'
  | 'new'
  | 'shift'
  | 'low'
  | 'high'
  | 'cliffsDelta'
  | 'p'
  | 'pAdjusted'
  | 'verdict'
  | 'better'
  | 'n'
  | 'detectable'
>

/**
 * Compares one metric of *two runs*, whose trials are independent samples: the smaller p of Mann-Whitney U (location)
 * and Kolmogorov-Smirnov (shape), judged at half of alpha because there are two; Cliff's delta; relative shift of the
 * medians with its bootstrap interval; the rule of `verdictOf`. For lanes that were interleaved in one run use
 * `judgeBlocked`, which is far more powerful. Several metrics: `judgeAll`, so that p is adjusted for their number.
 * A base median of 0 has no relative shift, so the verdict rests on the values: *same* where all are equal, *different*
 * where the other median is not 0 and the test is significant.
 * Throws RangeError where a side is empty or a value not finite.
 */
export function judge(base: readonly number[], next: readonly number[], options: JudgeOptions = {}): Judgement {
  const open = unsettled(base, next, options)
  return settle(open, open.p, base, next, options)
}

export interface JudgedMetric {
  lane: string
  metric: string
  unit: ComparedMetric['unit']
  better: Better
  /** One value per finished trial. */
  base: readonly number[]
  new: readonly number[]
}

/** `judge` for all metrics of one comparison, with p adjusted over them (Benjamini-Hochberg); order is kept. */
export function judgeAll(metrics: readonly JudgedMetric[], options: JudgeOptions = {}): ComparedMetric[] {
  const open = metrics.map((metric) => unsettled(metric.base, metric.new, options))
  const adjusted = benjaminiHochberg(open.map(({ p }) => p))
  return metrics.map(({ lane, metric, unit, better, base, new: next }, index) => ({
    lane,
    metric,
    unit,
    ...settle(open[index], adjusted[index], base, next, { ...options, betterIs: better }),
  }))
}

type Unsettled = Omit<Judgement, 'pAdjusted' | 'verdict' | 'better' | 'detectable'>

function unsettled(base: readonly number[], next: readonly number[], options: JudgeOptions): Unsettled {
  const { seed, resamples } = options
  return {
    base: median(base),
    new: median(next),
    ...relativeShiftInterval(base, next, { seed, resamples, worth: serialDependence([base, next]).worth }),
    cliffsDelta: cliffsDelta(base, next),
    p: Math.min(mannWhitneyU(base, next).p, kolmogorovSmirnov(base, next).p),
    n: { base: base.length, new: next.length },
  }
}

function settle(
  open: Unsettled,
  pAdjusted: number,
  base: readonly number[],
  next: readonly number[],
  options: JudgeOptions,
): Judgement {
  const significant = pAdjusted <= (options.alpha ?? ALPHA) / 2
  return {
    ...open,
    pAdjusted,
    better: options.betterIs ?? 'lower',
    detectable: smallestDetectableChange(open, { floor: options.floor }),
    verdict: verdictOfTrials(open, significant, base, next, options),
  }
}

function verdictOfTrials(
  open: Unsettled,
  significant: boolean,
  base: readonly number[],
  next: readonly number[],
  options: JudgeOptions,
): Verdict {
  // A counter that is one and the same number in every trial needs no statistics.
  const constant = [...base, ...next].every((value) => value === base[0])
  if (constant && Math.min(base.length, next.length) > 1) return 'same'
  if (Math.min(base.length, next.length) < MIN_TRIALS) return 'unknown'
  if (open.shift === null) return significant && open.new !== 0 ? 'different' : 'unknown'
  return verdictOf({ ...open, significant }, options)
}
