import { type Kysely, sql } from 'kysely'
import type { Migration } from './migration.ts'

/** Sweeps and their points, which so far nothing was kept of. */
export const sweeps: Migration = {
  version: 6,
  name: 'sweeps',
  async up(db: Kysely<unknown>) {
    await sql`create table sweeps (
      seq integer primary key autoincrement,
      id text not null unique,
      name text not null,
      status text not null check (status in ('queued', 'running', 'done', 'failed', 'cancelled', 'interrupted')),
      version text not null,
      spec_json text not null,
      lanes_json text not null,
      axes_json text not null,
      points_total integer not null,
      points_done integer not null,
      started_at text not null,
      ended_at text,
      fault_json text,
      owner_pid integer not null,
      owner_start text not null,
      owner_boot text not null,
      cancel_requested integer not null,
      deleted_at text
    )`.execute(db)
    await sql`create table sweep_points (
      sweep_id text not null references sweeps (id) on delete cascade,
      position integer not null,
      lanes_json text not null,
      fault_json text,
      primary key (sweep_id, position)
    ) without rowid`.execute(db)
    await sql`create index sweeps_listed on sweeps (seq desc) where deleted_at is null`.execute(db)
    await sql`create index sweeps_pending on sweeps (seq) where status in ('queued', 'running')`.execute(db)
    await sql`create index sweeps_deleted on sweeps (deleted_at) where deleted_at is not null`.execute(db)
  },
}
