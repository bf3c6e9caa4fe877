/** The lab's statistics: values in, figures out. No clock, no files, no randomness that is not seeded. */
export {
  ADAPTIVE_LIMIT,
  type AdaptivePlan,
  type AdaptiveState,
  adaptivePlan,
} from './adaptive-plan.ts'
export { benjaminiHochberg } from './benjamini-hochberg.ts'
export {
  type BootstrapOptions,
  bootstrapMedianInterval,
  type Interval,
  type RelativeShift,
  relativeShiftInterval,
} from './bootstrap.ts'
export {
  type ChangePoint,
  type ChangePointOptions,
  type ChangePoints,
  changePoints,
  LONGEST_SERIES,
} from './change-points.ts'
export { cliffsDelta } from './cliffs-delta.ts'
export { evaluateGate, type Gate, parseGate } from './gate.ts'
export { type HodgesLehmann, hodgesLehmann } from './hodges-lehmann.ts'
export { type JudgedMetric, type Judgement, type JudgeOptions, judge, judgeAll } from './judge.ts'
export { judgeBlocked, judgeBlockedAll, MIN_BLOCKS } from './judge-blocked.ts'
export { type Kendall, kendall, type Stratum } from './kendall.ts'
export { type KolmogorovSmirnov, kolmogorovSmirnov } from './kolmogorov-smirnov.ts'
export { type MannWhitney, mannWhitneyU } from './mann-whitney.ts'
export { median } from './median.ts'
export { EVENTS_BEYOND, percentileIsSupported } from './percentile-support.ts'
export { type DetectableOptions, smallestDetectableChange } from './smallest-detectable-change.ts'
export { type OutlierMark, type TukeyOutliers, tukeyOutliers } from './tukey-outliers.ts'
export { ALPHA, BAND, FLOOR, type Verdict, type VerdictOptions } from './verdict.ts'
export { type SignedRank, wilcoxonSignedRank } from './wilcoxon-signed-rank.ts'
