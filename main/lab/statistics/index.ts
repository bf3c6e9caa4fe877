/** The lab's statistics: values in, figures out. No clock, no files, no randomness that is not seeded. */
export {
  ADAPTIVE_LIMIT,
  type AdaptivePlan,
  adaptivePlan,
} from './adaptive-plan.ts'
export { benjaminiHochberg } from './benjamini-hochberg.ts'
export {
  bootstrapMedianInterval,
  relativeShiftInterval,
} from './bootstrap.ts'
export {
  changePoints,
  LONGEST_SERIES,
} from './change-points.ts'
export { evaluateGate, type Gate, parseGate } from './gate.ts'
export { type JudgedMetric, type Judgement, judgeAll } from './judge.ts'
export { judgeBlocked, judgeBlockedAll, MIN_BLOCKS } from './judge-blocked.ts'
export { kendall } from './kendall.ts'
export { median } from './median.ts'
export { tukeyOutliers } from './tukey-outliers.ts'
export { BAND } from './verdict.ts'
