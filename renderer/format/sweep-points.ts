import type { SweepSummary } from '../../main/contract/index.ts'
import { formatCount } from './quantity.ts'

/** "24 points", or "12 of 24 points" of a sweep that has not come to all. */
export function pointsText({ done, points }: Pick<SweepSummary, 'done' | 'points'>): string {
  const all = `${formatCount(points)} point${points === 1 ? '' : 's'}`
  return done === points ? all : `${formatCount(done)} of ${all}`
}
