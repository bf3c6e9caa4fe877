export type { History } from './history.ts'
export { openHistory } from './open.ts'
export type { FullRunRow, NewTrial, Owner, RunRow, SweepRow, TrialRow } from './rows.ts'
export type { TrendRow } from './trend.ts'
