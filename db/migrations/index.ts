import { firstHistory } from './0001-first-history.ts'
import { trialFacts } from './0002-trial-facts.ts'
import { blocksAndBaselines } from './0003-blocks-and-baselines.ts'
import { hostsOutliveUpdates } from './0004-hosts-outlive-updates.ts'
import { headlinesOfFailures } from './0005-headlines-of-failures.ts'
import { sweeps } from './0006-sweeps.ts'
import { packedDistributions } from './0007-packed-distributions.ts'
import type { Migration } from './migration.ts'

/** Every migration, in order; the version of a row is its place in this table, from 1. */
export const MIGRATIONS: readonly Migration[] = [
  firstHistory,
  trialFacts,
  blocksAndBaselines,
  hostsOutliveUpdates,
  headlinesOfFailures,
  sweeps,
  packedDistributions,
]

export type { Migration } from './migration.ts'
