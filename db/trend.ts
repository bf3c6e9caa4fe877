import { type Kysely, sql } from 'kysely'
import type { Tables } from './schema.ts'

/** One finished run in the history of an experiment, with what one metric of one lane was in each of its finished trials. */
export interface TrendRow {
  id: string
  startedAt: string
  version: string
  /** Release of the kernel it was measured on. */
  kernel: string
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
      .select(['id', 'started_at', 'version', sql<string>`json_extract(host_json, '$.kernel')`.as('kernel')])
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
  const rows = await db
    .selectFrom(followedQuery(db, of).as('followed'))
    .innerJoin('trials', 'trials.run_id', 'followed.id')
    .leftJoin('metrics', (join) => join.onRef('metrics.trial_id', '=', 'trials.id').on('metrics.name', '=', of.metric))
    .select(['followed.id', 'followed.started_at', 'followed.version', 'followed.kernel', 'metrics.value'])
    .where('trials.lane', '=', of.lane)
    .where('trials.status', '=', 'done')
    .execute()
  const runs = new Map<string, TrendRow>()
  const lacking = new Set<string>()
  for (const { id, started_at: startedAt, version, kernel, value } of rows) {
    const run = runs.get(id) ?? { id, startedAt, version, kernel, values: [] }
    runs.set(id, run)
    if (value === null) lacking.add(id)
    else run.values.push(value)
  }
  // A percentile too rare to be shown in some trials is biased in the others.
  for (const id of lacking) runs.delete(id)
  return [...runs.values()].sort((a, b) => (a.startedAt < b.startedAt ? -1 : 1))
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
