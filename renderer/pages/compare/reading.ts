import type { ComparedMetric } from '../../../main/contract/index.ts'

/** What a compared metric says in a word: a difference is better or worse by the metric's own direction. */
export type Reading = 'better' | 'worse' | 'same' | 'unknown'

export function readingOf({ verdict, better, base, new: fresh }: ComparedMetric): Reading {
  if (verdict !== 'different') return verdict
  const grew = fresh > base
  return grew === (better === 'higher') ? 'better' : 'worse'
}

/** Cliff's delta in words (Romano et al. 2006: 0.147, 0.33, 0.474). */
export function effectWord(delta: number): 'negligible' | 'small' | 'medium' | 'large' {
  const size = Math.abs(delta)
  if (size < 0.147) return 'negligible'
  if (size < 0.33) return 'small'
  return size < 0.474 ? 'medium' : 'large'
}

/** Half the width of the shift axis that all rows share: the widest interval, at least ±5 %, at most ±200 %. */
export function shiftSpan(metrics: readonly ComparedMetric[]): number {
  const widest = Math.max(
    0,
    ...metrics.flatMap(({ shift, low, high }) => [shift, low, high].map((value) => Math.abs(value ?? 0))),
  )
  return Math.min(2, Math.max(0.05, widest))
}
