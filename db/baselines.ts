import type { Kysely } from 'kysely'
import type { Tables } from './schema.ts'

/** What runs of one experiment on one host are compared with. */

/** Makes a run the baseline of its experiment on its host; the one before it gives way. */
export async function pinBaseline(db: Kysely<Tables>, runId: string, pinnedAt: string): Promise<void> {
  await db
    .insertInto('baselines')
    .columns(['experiment_hash', 'host_id', 'run_id', 'pinned_at'])
    .expression((from) =>
      from
        .selectFrom('runs')
        .select((row) => ['experiment_hash', 'host_id', 'id', row.val(pinnedAt).as('pinned_at')])
        .where('id', '=', runId),
    )
    .onConflict((conflict) =>
      conflict
        .columns(['experiment_hash', 'host_id'])
        .doUpdateSet((row) => ({ run_id: row.ref('excluded.run_id'), pinned_at: row.ref('excluded.pinned_at') })),
    )
    .execute()
}

/** False where the run was no baseline. */
export async function unpinBaseline(db: Kysely<Tables>, runId: string): Promise<boolean> {
  const result = await db.deleteFrom('baselines').where('run_id', '=', runId).executeTakeFirst()
  return result.numDeletedRows > 0n
}

/** The run to compare with; null where none was pinned, or it was deleted. */
export async function findBaseline(
  db: Kysely<Tables>,
  of: { experimentHash: string; hostId: string },
): Promise<string | null> {
  const row = await db
    .selectFrom('baselines')
    .innerJoin('runs', 'runs.id', 'baselines.run_id')
    .select('runs.id')
    .where('baselines.experiment_hash', '=', of.experimentHash)
    .where('baselines.host_id', '=', of.hostId)
    .where('runs.deleted_at', 'is', null)
    .executeTakeFirst()
  return row?.id ?? null
}
