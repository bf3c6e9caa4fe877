import { type Insertable, type Kysely, type Selectable, sql } from 'kysely'
import { type LabFault, type SweepPoint, SweepStatus } from '../main/contract/index.ts'
import type { NewSweep, Owner, SweepRow } from './rows.ts'
import type { SweepPointsTable, SweepsTable, Tables } from './schema.ts'

/** What happens to a sweep, and what may be asked of it. */

/** Rows of one insert: SQLite takes a limited number of values at once. */
const POINTS_AT_ONCE = 500

/** A new sweep, queued, with the points whose outcome is known before. */
export async function addSweep(db: Kysely<Tables>, sweep: NewSweep, known: readonly SweepPoint[]): Promise<void> {
  const { pid, start, boot } = sweep.owner
  await db.transaction().execute(async (tx) => {
    await tx
      .insertInto('sweeps')
      .values({
        id: sweep.id,
        name: sweep.name,
        status: 'queued' satisfies SweepStatus,
        version: sweep.version,
        spec_json: JSON.stringify(sweep.spec),
        lanes_json: JSON.stringify(sweep.lanes),
        axes_json: JSON.stringify(sweep.axes),
        points_total: sweep.points,
        points_done: 0,
        started_at: sweep.startedAt,
        owner_pid: pid,
        owner_start: start,
        owner_boot: boot,
        cancel_requested: 0,
      })
      .execute()
    await insertPoints(tx, sweep.id, known)
  })
}

/** More outcomes of a sweep, each of a point that had none. */
export async function addSweepPoints(db: Kysely<Tables>, id: string, points: readonly SweepPoint[]): Promise<void> {
  await db.transaction().execute((tx) => insertPoints(tx, id, points))
}

async function insertPoints(db: Kysely<Tables>, id: string, points: readonly SweepPoint[]): Promise<void> {
  for (let at = 0; at < points.length; at += POINTS_AT_ONCE) {
    const rows = points.slice(at, at + POINTS_AT_ONCE).map(
      ({ position, lanes, fault }): Insertable<SweepPointsTable> => ({
        sweep_id: id,
        position,
        lanes_json: JSON.stringify(lanes),
        fault_json: fault && JSON.stringify(fault),
      }),
    )
    await db.insertInto('sweep_points').values(rows).execute()
  }
  await db
    .updateTable('sweeps')
    .set((row) => ({ points_done: row('points_done', '+', points.length) }))
    .where('id', '=', id)
    .execute()
}

/** Its turn has come. */
export async function beginSweep(db: Kysely<Tables>, id: string): Promise<void> {
  await db
    .updateTable('sweeps')
    .set({ status: 'running' satisfies SweepStatus })
    .where('id', '=', id)
    .execute()
}

export async function endSweep(
  db: Kysely<Tables>,
  id: string,
  end: { status: SweepStatus; endedAt: string; fault: LabFault | null },
): Promise<void> {
  await db
    .updateTable('sweeps')
    .set({ status: end.status, ended_at: end.endedAt, fault_json: end.fault && JSON.stringify(end.fault) })
    .where('id', '=', id)
    .execute()
}

/** For the process that carries it out to see. */
export async function requestSweepCancel(db: Kysely<Tables>, id: string): Promise<void> {
  await db.updateTable('sweeps').set({ cancel_requested: 1 }).where('id', '=', id).execute()
}

/** Those with this id or, with none of it, whose id begins so; `most` of them, deleted ones only or none of them. */
export async function findSweeps(
  db: Kysely<Tables>,
  id: string,
  most: number,
  which: 'kept' | 'deleted',
): Promise<SweepRow[]> {
  const rows = await db
    .selectFrom('sweeps')
    .selectAll()
    .where(sql<boolean>`substr(id, 1, ${id.length}) = ${id}`)
    .where('deleted_at', which === 'kept' ? 'is' : 'is not', null)
    .orderBy(sql`id = ${id}`, 'desc')
    .limit(most)
    .execute()
  const exact = rows.filter((row) => row.id === id)
  return (exact.length > 0 ? exact : rows).map(toRow)
}

/** The latest first. */
export async function listSweeps(
  db: Kysely<Tables>,
  page: { limit: number; offset: number },
): Promise<{ sweeps: SweepRow[]; total: number }> {
  const kept = db.selectFrom('sweeps').where('deleted_at', 'is', null)
  const [rows, { total }] = await Promise.all([
    kept.selectAll().orderBy('seq', 'desc').limit(page.limit).offset(page.offset).execute(),
    kept.select(({ fn }) => fn.countAll<number>().as('total')).executeTakeFirstOrThrow(),
  ])
  return { sweeps: rows.map(toRow), total }
}

/** Those whose end is yet to come, the oldest first. */
export async function pendingSweeps(db: Kysely<Tables>): Promise<SweepRow[]> {
  const rows = await db
    .selectFrom('sweeps')
    .selectAll()
    // Not bound: see followedQuery.
    .where('status', 'in', [sql.lit<SweepStatus>('queued'), sql.lit<SweepStatus>('running')])
    .orderBy('seq')
    .execute()
  return rows.map(toRow)
}

/** By position. */
export async function readSweepPoints(db: Kysely<Tables>, id: string): Promise<SweepPoint[]> {
  const rows = await db.selectFrom('sweep_points').selectAll().where('sweep_id', '=', id).orderBy('position').execute()
  return rows.map(({ position, lanes_json, fault_json }) => ({
    position,
    lanes: JSON.parse(lanes_json),
    fault: fault_json && JSON.parse(fault_json),
  }))
}

/** Points that have figures. */
export async function countSimulated(db: Kysely<Tables>, id: string): Promise<number> {
  const { points } = await db
    .selectFrom('sweep_points')
    .select(({ fn }) => fn.countAll<number>().as('points'))
    .where('sweep_id', '=', id)
    .where('fault_json', 'is', null)
    .executeTakeFirstOrThrow()
  return points
}

/** `at` null brings it back. */
export async function deleteSweep(db: Kysely<Tables>, id: string, at: string | null): Promise<void> {
  await db.updateTable('sweeps').set({ deleted_at: at }).where('id', '=', id).execute()
}

/** Removes for good what was deleted before `before`. */
export async function purgeSweeps(db: Kysely<Tables>, before: string): Promise<void> {
  await db.deleteFrom('sweeps').where('deleted_at', '<', before).execute()
}

function toRow(row: Selectable<SweepsTable>): SweepRow {
  const owner: Owner = { pid: row.owner_pid, start: row.owner_start, boot: row.owner_boot }
  return {
    id: row.id,
    name: row.name,
    status: SweepStatus.parse(row.status),
    version: row.version,
    spec: JSON.parse(row.spec_json),
    lanes: JSON.parse(row.lanes_json),
    axes: JSON.parse(row.axes_json),
    points: row.points_total,
    done: row.points_done,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    fault: row.fault_json && JSON.parse(row.fault_json),
    owner,
    cancelRequested: row.cancel_requested !== 0,
  }
}
