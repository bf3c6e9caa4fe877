import type { Judgement } from './judge.ts'
import { MIN_BLOCKS } from './judge-blocked.ts'
import { BAND, FLOOR, type VerdictOptions } from './verdict.ts'

/** Trials per lane at which collecting ends by itself: enough to settle a 5 % change at 8 % noise per trial. */
export const ADAPTIVE_LIMIT = 120

/**
 * A *different* found before the limit ends collecting only at this p. Looking again and again at 5 % would find
 * something in the end; a strict early bound leaves the last look its 5 % nearly whole (Haybittle 1971, Peto et al. 1976).
 */
const EARLY_P = 0.001

export interface AdaptiveState extends VerdictOptions {
  /** The comparisons the experiment is about (usually one headline metric per pair of lanes), judged so far. */
  comparisons: readonly {
    lanes: readonly [base: string, new: string]
    metric: string
    judged: Pick<Judgement, 'low' | 'high' | 'pAdjusted' | 'verdict' | 'n'>
  }[]
  /** Most trials per lane. */
  limit?: number
}

export interface AdaptivePlan {
  /** Blocks to add; 0 means stop. */
  blocks: number
  /** Lanes that need a trial in each of those blocks: those of the comparisons still open. */
  lanes: string[]
  /** True where a comparison is still open, but the limit allows no more. */
  exhausted: boolean
  /** One sentence for a person. */
  reason: string
}

/**
 * What to collect before looking again. A comparison is settled when it is *same* with an interval no wider than the
 * band (so that a lucky early look cannot hide a change as large as the band), or *different* with p ≤ 0.001 or an
 * interval narrow enough; the others get as many blocks as their interval needs to shrink to (band − floor) / 2, where
 * the rule of `verdictOf` decides, but at most as many as they already have, since the width of a young interval is a
 * guess. Only whole blocks are added, so that every new trial of a lane has its partner.
 */
export function adaptivePlan(state: AdaptiveState): AdaptivePlan {
  const { comparisons, limit = ADAPTIVE_LIMIT, floor = FLOOR, band = BAND } = state
  const target = (band - floor) / 2
  const open = comparisons.filter(({ judged }) => !isSettled(judged, target, band / 2))
  if (open.length === 0) return { blocks: 0, lanes: [], exhausted: false, reason: 'Every comparison is settled.' }
  const within = open.filter(({ judged }) => trialsOf(judged) < limit)
  if (within.length === 0) {
    return {
      blocks: 0,
      lanes: [],
      exhausted: true,
      reason: `${named(open)} still open at the limit of ${limit} trials per lane.`,
    }
  }
  const blocks = Math.max(...within.map(({ judged }) => Math.min(limit, nextSize(judged, target)) - trialsOf(judged)))
  return {
    blocks,
    lanes: [...new Set(within.flatMap(({ lanes }) => lanes))],
    exhausted: false,
    reason: `${named(within)} still open: ${blocks} more ${blocks === 1 ? 'block' : 'blocks'} before the next look.`,
  }
}

type Judged = AdaptiveState['comparisons'][number]['judged']

function trialsOf(judged: Judged): number {
  return Math.min(judged.n.base, judged.n.new)
}

function halfWidth(judged: Judged): number | null {
  return judged.low === null || judged.high === null ? null : (judged.high - judged.low) / 2
}

function isSettled(judged: Judged, target: number, widestSame: number): boolean {
  const width = halfWidth(judged)
  switch (judged.verdict) {
    case 'same':
      return width !== null && width <= widestSame
    case 'different':
      return judged.pAdjusted <= EARLY_P || (width !== null && width <= target)
    case 'unknown':
      return false
  }
}

/** Trials to have at the next look. The width of an interval shrinks with the square root of their number. */
function nextSize(judged: Judged, target: number): number {
  const trials = trialsOf(judged)
  const width = halfWidth(judged)
  if (trials < MIN_BLOCKS) return MIN_BLOCKS
  if (width === null) return 2 * trials
  const needed = Math.ceil(trials * (width / target) ** 2)
  return Math.max(trials + Math.ceil(trials / 4), Math.min(2 * trials, needed))
}

function named(open: AdaptiveState['comparisons']): string {
  const names = open.map(({ lanes: [base, next], metric }) => `${metric} of ${next} against ${base}`)
  return names.length === 1 ? `${names[0]} is` : `${names.length} comparisons (first: ${names[0]}) are`
}
