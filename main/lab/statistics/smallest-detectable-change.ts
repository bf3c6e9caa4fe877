import { normalQuantile } from './normal-distribution.ts'
import { FLOOR } from './verdict.ts'

export interface DetectableOptions {
  /** Trials a side (or blocks) to plan for; default: those there are. */
  trials?: number
  /** Chance to be called *different*. */
  power?: number
  floor?: number
  /** Confidence of low..high. */
  level?: number
}

/**
 * Smallest true relative change (a share, either way) that the rule of `verdictOf` would call *different* with the given
 * power, 80 % unless asked otherwise: floor + (z(level) + z(power)) × standard error. The standard error is taken from
 * the width of the comparison's own interval, so it holds for `judge` and `judgeBlocked` alike and for any noise; it
 * shrinks with the square root of the trials. Null where the comparison has no interval. From few trials it is itself
 * only good to a third or so. It describes the experiment, not the verdict: never use it to argue that a difference
 * that was not found is not there (Hoenig and Heisey 2001); *same* rests on the interval.
 */
export function smallestDetectableChange(
  judged: { low: number | null; high: number | null; n: { base: number; new: number } },
  options: DetectableOptions = {},
): number | null {
  const { low, high, n } = judged
  const { power = 0.8, floor = FLOOR, level = 0.95 } = options
  if (low === null || high === null) return null
  const present = 2 / (1 / n.base + 1 / n.new)
  const z = normalQuantile(0.5 + level / 2)
  const standardError = ((high - low) / 2 / z) * Math.sqrt(present / (options.trials ?? present))
  return floor + (z + normalQuantile(power)) * standardError
}
