import type { Kysely, Selectable } from 'kysely'
import type { RunStatus } from '../main/contract/index.ts'
import type { NewRun, NewTrial, Owner, RunChanges } from './rows.ts'
import type { RunsTable, Tables } from './schema.ts'
import { insertTrial } from './trials.ts'

/** What happens to a run: it is added, changed, ended, queued again, deleted. */

function newValues(run: Omit<NewRun, 'owner'>) {
  return {
    id: run.id,
    experiment_hash: run.experimentHash,
    host_id: run.host.id,
    name: run.name,
    status: 'queued' satisfies RunStatus,
    started_at: run.startedAt,
    version: run.version,
    swap_dir: run.swapDir,
    host_json: JSON.stringify(run.host),
    warnings_json: JSON.stringify(run.warnings),
    trial_order_json: '[]',
    lane_notes_json: '[]',
    tags_json: '[]',
    note: '',
    trials_total: run.trialsTotal,
    trials_done: 0,
    cancel_requested: 0,
  }
}

/** A new run, queued. Its host and experiment must be there (rememberHost, rememberExperiment). */
export async function addRun(db: Kysely<Tables>, run: NewRun): Promise<void> {
  const { pid, start, boot } = run.owner
  await db
    .insertInto('runs')
    .values({ ...newValues(run), owner_pid: pid, owner_start: start, owner_boot: boot })
    .execute()
}

/** A finished run from elsewhere, with all its trials, whole or not at all. A deleted run of the same id gives way; false where one is kept. */
export async function importRun(
  db: Kysely<Tables>,
  run: Omit<NewRun, 'owner'> & { changes: RunChanges; trials: NewTrial[]; importedAt: string },
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    await tx.deleteFrom('runs').where('id', '=', run.id).where('deleted_at', 'is not', null).execute()
    const { numInsertedOrUpdatedRows: inserted } = await tx
      .insertInto('runs')
      .values({ ...newValues(run), ...changedColumns(run.changes), imported_at: run.importedAt })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .executeTakeFirstOrThrow()
    if (inserted === 0n) return false
    for (const trial of run.trials) await insertTrial(tx, run.id, trial)
    return true
  })
}

function changedColumns(changes: RunChanges): Partial<Selectable<RunsTable>> {
  const columns: Partial<Selectable<RunsTable>> = {}
  if (changes.status !== undefined) columns.status = changes.status
  if (changes.startedAt !== undefined) columns.started_at = changes.startedAt
  if (changes.endedAt !== undefined) columns.ended_at = changes.endedAt
  if (changes.durationMs !== undefined) columns.duration_ms = changes.durationMs
  if (changes.warnings !== undefined) columns.warnings_json = JSON.stringify(changes.warnings)
  if (changes.fault !== undefined) columns.fault_json = JSON.stringify(changes.fault)
  if (changes.swapfile !== undefined) columns.swapfile_json = JSON.stringify(changes.swapfile)
  if (changes.corpus !== undefined) columns.corpus_json = JSON.stringify(changes.corpus)
  if (changes.observer !== undefined) columns.observer_json = JSON.stringify(changes.observer)
  if (changes.trialOrder !== undefined) columns.trial_order_json = JSON.stringify(changes.trialOrder)
  if (changes.laneNotes !== undefined) columns.lane_notes_json = JSON.stringify(changes.laneNotes)
  if (changes.tags !== undefined) columns.tags_json = JSON.stringify(changes.tags)
  if (changes.note !== undefined) columns.note = changes.note
  if (changes.headline !== undefined) columns.headline = changes.headline
  if (changes.trialsTotal !== undefined) columns.trials_total = changes.trialsTotal
  if (changes.collection !== undefined) columns.collection_json = JSON.stringify(changes.collection)
  return columns
}

/** Sets what is given and leaves the rest. Nothing happens where there is no such run. */
export async function changeRun(db: Kysely<Tables>, id: string, changes: RunChanges): Promise<void> {
  const columns = changedColumns(changes)
  if (Object.keys(columns).length === 0) return
  await db.updateTable('runs').set(columns).where('id', '=', id).execute()
}

/** Ends a run that is still queued or running; false where it had ended already, so that a last word stays the last. */
export async function endRun(
  db: Kysely<Tables>,
  id: string,
  changes: RunChanges & { status: RunStatus; endedAt: string },
): Promise<boolean> {
  const result = await db
    .updateTable('runs')
    .set(changedColumns(changes))
    .where('id', '=', id)
    .where('status', 'in', ['queued', 'running'] satisfies RunStatus[])
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/** Queues a finished run again, to collect more; false where it is not finished. Its end stays, and says that it had one. */
export async function requeue(db: Kysely<Tables>, id: string, owner: Owner): Promise<boolean> {
  const result = await db
    .updateTable('runs')
    .set({
      status: 'queued' satisfies RunStatus,
      cancel_requested: 0,
      owner_pid: owner.pid,
      owner_start: owner.start,
      owner_boot: owner.boot,
    })
    .where('id', '=', id)
    .where('status', '=', 'done' satisfies RunStatus)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/** Asks the owner, which may be another process, to cancel. */
export async function requestCancel(db: Kysely<Tables>, id: string): Promise<void> {
  await db.updateTable('runs').set({ cancel_requested: 1 }).where('id', '=', id).execute()
}

/** Marks a run deleted; false where there is none, or it is deleted already. */
export async function softDelete(db: Kysely<Tables>, id: string, at: string): Promise<boolean> {
  const result = await db
    .updateTable('runs')
    .set({ deleted_at: at })
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/** Takes a deletion back; false where the run is gone or was not deleted. */
export async function undelete(db: Kysely<Tables>, id: string): Promise<boolean> {
  const result = await db
    .updateTable('runs')
    .set({ deleted_at: null })
    .where('id', '=', id)
    .where('deleted_at', 'is not', null)
    .executeTakeFirst()
  return result.numUpdatedRows > 0n
}

/** Removes for good what was deleted before `before`; the number of runs. Experiments nobody uses any more go with them. */
export async function purgeDeleted(db: Kysely<Tables>, before: string): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const { numDeletedRows } = await tx.deleteFrom('runs').where('deleted_at', '<', before).executeTakeFirst()
    if (numDeletedRows > 0n)
      await tx
        .deleteFrom('experiments')
        .where((where) =>
          where.not(
            where.exists(
              where.selectFrom('runs').select('runs.id').whereRef('runs.experiment_hash', '=', 'experiments.hash'),
            ),
          ),
        )
        .execute()
    return Number(numDeletedRows)
  })
}
