import { type Kysely, sql } from 'kysely'
import type { HostReport } from '../main/contract/index.ts'
import type { Tables } from './schema.ts'

/** One finished run in the history of an experiment, with what one metric of one lane was in each of its finished trials. */
export interface TrendRow {
  id: string
  startedAt: string
  version: string
  /** As it was then. */
  host: HostReport
  values: number[]
}

/**
 * The finished runs of an experiment on a host, newest first: the page that a trend is made of. Through the index
 * `runs_followed`, so that it costs what it returns and not what the history holds.
 */
export function followedQuery(db: Kysely<Tables>, of: { experimentHash: string; hostId: string; limit: number }) {
  return (
    db
      .selectFrom('runs')
      .select(['id', 'started_at', 'version', 'host_json'])
      .where('experiment_hash', '=', of.experimentHash)
      .where('host_id', '=', of.hostId)
      .where('deleted_at', 'is', null)
      // Not bound: the index holds those done only, and a parameter could be anything.
      .where('status', '=', sql.lit('done'))
      .orderBy('started_at', 'desc')
      .orderBy('seq', 'desc')
      .limit(of.limit)
  )
}

/** Runs that lack the metric in a finished trial of that lane are left out. Oldest first. */
export async function readTrend(
  db: Kysely<Tables>,
  of: { experimentHash: string; hostId: string; lane: number; metric: string; limit: number },
): Promise<TrendRow[]> {
  const followed = await followedQuery(db, of).execute()
  const samples = await db
    .selectFrom(followedQuery(db, of).as('followed'))
    .innerJoin('trials', 'trials.run_id', 'followed.id')
    .leftJoin('metrics', (join) => join.onRef('metrics.trial_id', '=', 'trials.id').on('metrics.name', '=', of.metric))
    .select(['followed.id', 'metrics.value'])
    .where('trials.lane', '=', of.lane)
    .where('trials.status', '=', 'done')
    .execute()
  const ofRun = Map.groupBy(samples, ({ id }) => id)
  return followed.toReversed().flatMap(({ id, started_at: startedAt, version, host_json }): TrendRow[] => {
    const all = ofRun.get(id) ?? []
    const values = all.flatMap(({ value }) => value ?? [])
    // A percentile too rare to be shown in some trials is biased in the others.
    if (values.length === 0 || values.length < all.length) return []
    return [{ id, startedAt, version, host: JSON.parse(host_json), values }]
  })
}

/** How many finished runs of an experiment there are on a host. */
export async function countFollowed(
  db: Kysely<Tables>,
  of: { experimentHash: string; hostId: string },
): Promise<number> {
  const { total } = await db
    .selectFrom('runs')
    .select((row) => row.fn.countAll<number>().as('total'))
    .where('experiment_hash', '=', of.experimentHash)
    .where('host_id', '=', of.hostId)
    .where('deleted_at', 'is', null)
    .where('status', '=', sql.lit('done'))
    .executeTakeFirstOrThrow()
  return total
}
