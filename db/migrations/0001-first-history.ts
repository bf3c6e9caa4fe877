import { type Kysely, sql } from 'kysely'
import type { Migration } from './migration.ts'

/** Hosts, experiments, runs, trials with their metrics, histograms and time series, and the one-row table of who measures. */
export const firstHistory: Migration = {
  version: 1,
  name: 'first history',
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('hosts')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('report_json', 'text', (c) => c.notNull())
      .addColumn('first_seen', 'text', (c) => c.notNull())
      .addColumn('last_seen', 'text', (c) => c.notNull())
      .execute()
    await db.schema
      .createTable('experiments')
      .addColumn('hash', 'text', (c) => c.primaryKey())
      .addColumn('spec_json', 'text', (c) => c.notNull())
      .addColumn('lanes_json', 'text', (c) => c.notNull())
      .addColumn('created_at', 'text', (c) => c.notNull())
      .execute()
    await db.schema
      .createTable('runs')
      .addColumn('seq', 'integer', (c) => c.primaryKey().autoIncrement())
      .addColumn('id', 'text', (c) => c.notNull().unique())
      .addColumn('experiment_hash', 'text', (c) => c.notNull().references('experiments.hash'))
      .addColumn('host_id', 'text', (c) => c.notNull().references('hosts.id'))
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('status', 'text', (c) =>
        c
          .notNull()
          .check(sql`status in ('queued', 'running', 'done', 'failed', 'cancelled', 'interrupted', 'invalid')`),
      )
      .addColumn('started_at', 'text', (c) => c.notNull())
      .addColumn('ended_at', 'text')
      .addColumn('duration_ms', 'real')
      .addColumn('version', 'text', (c) => c.notNull())
      .addColumn('swap_dir', 'text', (c) => c.notNull())
      .addColumn('host_json', 'text', (c) => c.notNull())
      .addColumn('warnings_json', 'text', (c) => c.notNull())
      .addColumn('fault_json', 'text')
      .addColumn('swapfile_json', 'text')
      .addColumn('corpus_json', 'text')
      .addColumn('observer_json', 'text')
      .addColumn('trial_order_json', 'text', (c) => c.notNull())
      .addColumn('lane_notes_json', 'text', (c) => c.notNull())
      .addColumn('tags_json', 'text', (c) => c.notNull())
      .addColumn('note', 'text', (c) => c.notNull())
      .addColumn('headline', 'text')
      .addColumn('trials_total', 'integer', (c) => c.notNull())
      .addColumn('trials_done', 'integer', (c) => c.notNull())
      .addColumn('owner_pid', 'integer')
      .addColumn('owner_start', 'text')
      .addColumn('owner_boot', 'text')
      .addColumn('cancel_requested', 'integer', (c) => c.notNull())
      .addColumn('imported_at', 'text')
      .addColumn('deleted_at', 'text')
      .execute()
    // The history page: newest first, without what was deleted.
    await sql`create index runs_listed on runs (started_at desc, seq desc) where deleted_at is null`.execute(db)
    await sql`create index runs_pending on runs (seq) where status in ('queued', 'running')`.execute(db)
    await sql`create index runs_deleted on runs (deleted_at) where deleted_at is not null`.execute(db)
    // Foreign keys are searched from the parent's side on delete; and an estimate looks for the host's own past.
    await sql`create index runs_experiment on runs (experiment_hash)`.execute(db)
    await sql`create index runs_host on runs (host_id, seq desc)`.execute(db)
    await db.schema
      .createTable('trials')
      .addColumn('id', 'integer', (c) => c.primaryKey().autoIncrement())
      .addColumn('run_id', 'text', (c) => c.notNull().references('runs.id').onDelete('cascade'))
      .addColumn('lane', 'integer', (c) => c.notNull())
      .addColumn('position', 'integer', (c) => c.notNull())
      .addColumn('status', 'text', (c) => c.notNull().check(sql`status in ('done', 'failed', 'cancelled')`))
      .addColumn('started_at', 'text', (c) => c.notNull())
      .addColumn('duration_ms', 'real', (c) => c.notNull())
      .addColumn('counters_json', 'text', (c) => c.notNull())
      .addColumn('verified_pages', 'integer', (c) => c.notNull())
      .addColumn('mismatches', 'integer', (c) => c.notNull())
      .addColumn('fault_json', 'text')
      .addUniqueConstraint('trials_position', ['run_id', 'position'])
      .execute()
    await sql`create table metrics (
      trial_id integer not null references trials (id) on delete cascade,
      name text not null,
      value real not null,
      primary key (trial_id, name)
    ) without rowid`.execute(db)
    await sql`create table histograms (
      trial_id integer not null references trials (id) on delete cascade,
      name text not null,
      buckets blob not null,
      sum_ns real not null,
      min_ns real not null,
      max_ns real not null,
      primary key (trial_id, name)
    )`.execute(db)
    await sql`create table time_series (
      trial_id integer primary key references trials (id) on delete cascade,
      samples_json text not null
    )`.execute(db)
    await sql`create table measuring (
      id integer primary key check (id = 1),
      what text not null,
      run_id text,
      owner_pid integer not null,
      owner_start text not null,
      owner_boot text not null,
      since text not null
    )`.execute(db)
  },
}
