import { type Kysely, type Selectable, type SqlBool, sql } from 'kysely'
import {
  AdaptiveSpec,
  type Mode,
  RecordedSpec,
  type RunStatus,
  RunStatus as RunStatusSchema,
} from '../main/contract/index.ts'
import type { FullRunRow, RunRow } from './rows.ts'
import type { RunsTable, Tables } from './schema.ts'

/** What may be asked of runs: one, some, a page of them. */

const SUMMARY = [
  'runs.id',
  'runs.experiment_hash',
  'runs.host_id',
  'runs.name',
  'runs.status',
  'runs.started_at',
  'runs.ended_at',
  'runs.duration_ms',
  'experiments.lanes_json',
  'runs.trials_done',
  'runs.trials_total',
  'runs.tags_json',
  'runs.note',
  'runs.headline',
  'runs.owner_pid',
  'runs.owner_start',
  'runs.owner_boot',
  'runs.cancel_requested',
  'runs.deleted_at',
] as const

/** Experiments older than the simulator say nothing: they were measured. */
const MODE = sql<Mode>`coalesce(json_extract(experiments.spec_json, '$.mode'), 'measure')`.as('mode')

const BASELINE = sql<number>`exists (select 1 from baselines where baselines.run_id = runs.id)`.as('baseline')

type SummaryColumns = Pick<
  Selectable<RunsTable>,
  Extract<keyof RunsTable, (typeof SUMMARY)[number] extends infer C ? (C extends `runs.${infer N}` ? N : never) : never>
> & { lanes_json: string; mode: Mode; baseline: number }

function toRow(row: SummaryColumns): RunRow {
  const { owner_pid: pid, owner_start: start, owner_boot: boot } = row
  return {
    id: row.id,
    experimentHash: row.experiment_hash,
    hostId: row.host_id,
    name: row.name,
    mode: row.mode,
    status: RunStatusSchema.parse(row.status),
    startedAt: row.started_at,
    endedAt: row.ended_at,
    durationMs: row.duration_ms,
    lanes: JSON.parse(row.lanes_json),
    trialsDone: row.trials_done,
    trialsTotal: row.trials_total,
    tags: JSON.parse(row.tags_json),
    note: row.note,
    headline: row.headline,
    owner: pid === null || start === null || boot === null ? null : { pid, start, boot },
    cancelRequested: row.cancel_requested !== 0,
    deletedAt: row.deleted_at,
    baseline: row.baseline !== 0,
  }
}

/** As lists show it; null where there is none. Deleted runs are found too. */
export async function findRun(db: Kysely<Tables>, id: string): Promise<RunRow | null> {
  const row = await db
    .selectFrom('runs')
    .innerJoin('experiments', 'experiments.hash', 'runs.experiment_hash')
    .select(SUMMARY)
    .select([MODE, BASELINE])
    .where('runs.id', '=', id)
    .executeTakeFirst()
  return row ? toRow(row) : null
}

/** Ids that begin with `prefix`, at most `limit`: of the runs there are, or of the deleted ones. */
export async function findRunIds(
  db: Kysely<Tables>,
  prefix: string,
  limit: number,
  which: 'kept' | 'deleted' = 'kept',
): Promise<string[]> {
  const rows = await db
    .selectFrom('runs')
    .select('id')
    .where('id', '>=', prefix)
    .where('id', '<', `${prefix}\u{10ffff}`)
    .where('deleted_at', which === 'deleted' ? 'is not' : 'is', null)
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map((row) => row.id)
}

/** With everything but its trials; null where there is none. */
export async function readRun(db: Kysely<Tables>, id: string): Promise<FullRunRow | null> {
  const row = await db
    .selectFrom('runs')
    .innerJoin('experiments', 'experiments.hash', 'runs.experiment_hash')
    .selectAll('runs')
    .select(['experiments.lanes_json', 'experiments.spec_json'])
    .select([MODE, BASELINE])
    .where('runs.id', '=', id)
    .executeTakeFirst()
  if (!row) return null
  const orNull = (json: string | null) => (json === null ? null : JSON.parse(json))
  return {
    ...toRow(row),
    spec: specOf(row),
    version: row.version,
    swapDir: row.swap_dir,
    importedAt: row.imported_at,
    host: JSON.parse(row.host_json),
    warnings: JSON.parse(row.warnings_json),
    fault: orNull(row.fault_json),
    swapfile: orNull(row.swapfile_json),
    corpus: orNull(row.corpus_json),
    observer: orNull(row.observer_json),
    trialOrder: JSON.parse(row.trial_order_json),
    laneNotes: JSON.parse(row.lane_notes_json),
    collection: orNull(row.collection_json),
  }
}

/**
 * The specification of a run, with the defaults of fields that are younger than it. One that the contract of today would
 * refuse is shown as it was. The name is no part of what is measured, so two runs may share an experiment and differ in it.
 */
function specOf(row: { spec_json: string; name: string }): FullRunRow['spec'] {
  const stored = { ...JSON.parse(row.spec_json), name: row.name }
  const parsed = RecordedSpec.safeParse(stored)
  return parsed.success ? parsed.data : { adaptive: AdaptiveSpec.parse({}), ...stored }
}

/** Which runs a list is of. */
interface Wanted {
  /** Looked for in name, note, tags, headline, id and status; empty: in none. */
  search: string
  /** Any of these; none: every status. */
  statuses?: readonly RunStatus[]
}

/** The history's page: newest first, deleted ones left out. */
export function listQuery(db: Kysely<Tables>, page: Wanted & { limit: number; offset: number }) {
  return matching(db, page)
    .innerJoin('experiments', 'experiments.hash', 'runs.experiment_hash')
    .select(SUMMARY)
    .select([MODE, BASELINE])
    .orderBy('runs.started_at', 'desc')
    .orderBy('runs.seq', 'desc')
    .limit(page.limit)
    .offset(page.offset)
}

function matching(db: Kysely<Tables>, { search, statuses = [] }: Wanted) {
  const kept = db.selectFrom('runs').where('runs.deleted_at', 'is', null)
  const query = statuses.length === 0 ? kept : kept.where('runs.status', 'in', statuses)
  const text = search.trim()
  if (text === '') return query
  const like = `%${text.replace(/[\\%_]/g, (c) => `\\${c}`)}%`
  const columns = ['runs.name', 'runs.note', 'runs.tags_json', 'runs.headline', 'runs.id', 'runs.status'] as const
  return query.where((where) =>
    where.or(columns.map((column) => sql<SqlBool>`${sql.ref(column)} like ${like} escape '\\'`)),
  )
}

/** Newest first, without deleted ones; `total` counts all that are wanted. */
export async function listRuns(
  db: Kysely<Tables>,
  page: Wanted & { limit: number; offset: number },
): Promise<{ runs: RunRow[]; total: number }> {
  const rows = await listQuery(db, page).execute()
  const { total } = await matching(db, page)
    .select((row) => row.fn.countAll<number>().as('total'))
    .executeTakeFirstOrThrow()
  return { runs: rows.map(toRow), total }
}

/** Queued and running runs of every process, in the order they were asked for. Asked twice a second while a run waits. */
export async function pendingRuns(db: Kysely<Tables>): Promise<RunRow[]> {
  return (await pendingQuery(db).execute()).map(toRow)
}

export function pendingQuery(db: Kysely<Tables>) {
  return (
    db
      .selectFrom('runs')
      .innerJoin('experiments', 'experiments.hash', 'runs.experiment_hash')
      .select(SUMMARY)
      .select([MODE, BASELINE])
      // Not bound: see followedQuery.
      .where('runs.status', 'in', [sql.lit<RunStatus>('queued'), sql.lit<RunStatus>('running')])
      .orderBy('runs.seq')
  )
}

/** Finished runs measured on a host, newest first: the past that an estimate rests on. */
export async function recentRunsOfHost(db: Kysely<Tables>, hostId: string, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('runs')
    .select('id')
    .where('host_id', '=', hostId)
    .where('status', '=', 'done' satisfies RunStatus)
    .where('imported_at', 'is', null)
    .orderBy('seq', 'desc')
    .limit(limit)
    .execute()
  return rows.map((row) => row.id)
}
