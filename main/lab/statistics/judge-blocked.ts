import { benjaminiHochberg } from './benjamini-hochberg.ts'
import { cliffsDelta } from './cliffs-delta.ts'
import { hodgesLehmann } from './hodges-lehmann.ts'
import type { JudgedMetric, Judgement, JudgeOptions } from './judge.ts'
import { median } from './median.ts'
import { smallestDetectableChange } from './smallest-detectable-change.ts'
import { ALPHA, verdictOf } from './verdict.ts'
import { wilcoxonSignedRank } from './wilcoxon-signed-rank.ts'

/** Blocks below which 95 % confidence cannot be had from signed ranks at all (the smallest p of 5 blocks is 2/32). */
export const MIN_BLOCKS = 6

/**
 * Compares two *lanes of one run*: trials of all lanes are interleaved in blocks, one trial of each lane per block, so
 * base[i] and next[i] of block i share heat, background load and the machine's slow spells, and their ratio is rid of
 * them. Wilcoxon signed-rank on the log ratios; the shift is exp(Hodges-Lehmann centre) − 1 with the interval that
 * inverts the test, so p ≤ alpha and an interval without 0 are one and the same where alpha is 5 % and p is unadjusted.
 * One test, so alpha is not halved. All values must be > 0 (a share or a counter that reaches 0 has no ratio: such a
 * metric gets no interval and stays *unknown* unless all values are equal). Never use it for two runs: their blocks
 * have nothing in common.
 * Throws RangeError where the lists differ in length, are empty, or a value is not finite. A block that lost a trial
 * must be left out by the caller as a whole.
 */
export function judgeBlocked(base: readonly number[], next: readonly number[], options: JudgeOptions = {}): Judgement {
  const open = unsettled(base, next)
  return settle(open, open.p, options)
}

/** `judgeBlocked` for all metrics of one pair of lanes, p adjusted over them (Benjamini-Hochberg); order is kept. */
export function judgeBlockedAll(
  metrics: readonly JudgedMetric[],
  options: JudgeOptions = {},
): (Judgement & Pick<JudgedMetric, 'lane' | 'metric' | 'unit'>)[] {
  const open = metrics.map((metric) => unsettled(metric.base, metric.new))
  const adjusted = benjaminiHochberg(open.map(({ p }) => p))
  return metrics.map(({ lane, metric, unit, better }, index) => ({
    lane,
    metric,
    unit,
    ...settle(open[index], adjusted[index], { ...options, betterIs: better }),
  }))
}

type Unsettled = Omit<Judgement, 'pAdjusted' | 'verdict' | 'better' | 'detectable'>

function unsettled(base: readonly number[], next: readonly number[]): Unsettled {
  if (base.length !== next.length) {
    throw new RangeError(`blocks have one trial of each lane, got ${base.length} against ${next.length} trials`)
  }
  const figures = {
    base: median(base),
    new: median(next),
    cliffsDelta: cliffsDelta(base, next),
    n: { base: base.length, new: next.length },
  }
  if (base.every((value, block) => value === next[block]))
    return { ...figures, shift: figures.base === 0 ? null : 0, low: 0, high: 0, p: 1 }
  if (![...base, ...next].every((value) => value > 0)) {
    const differences = next.map((value, block) => value - base[block])
    return { ...figures, shift: null, low: null, high: null, p: wilcoxonSignedRank(differences).p }
  }
  const ratios = next.map((value, block) => Math.log(value / base[block]))
  const { estimate, interval } = hodgesLehmann(ratios)
  return {
    ...figures,
    shift: Math.expm1(estimate),
    low: interval === null ? null : Math.expm1(interval.low),
    high: interval === null ? null : Math.expm1(interval.high),
    p: wilcoxonSignedRank(ratios).p,
  }
}

function settle(open: Unsettled, pAdjusted: number, options: JudgeOptions): Judgement {
  const significant = pAdjusted <= (options.alpha ?? ALPHA)
  return {
    ...open,
    pAdjusted,
    better: options.betterIs ?? 'lower',
    detectable: smallestDetectableChange(open, { floor: options.floor }),
    verdict: verdictOf({ ...open, significant }, options),
  }
}
