import { type Kysely, sql } from 'kysely'
import type { Migration } from './migration.ts'

/**
 * Blocks as a column, since a run that collects more may add blocks of some lanes only; what a run collected beyond its plan;
 * the baseline of each experiment on each host; and the index by which runs of one experiment are followed over time.
 */
export const blocksAndBaselines: Migration = {
  version: 3,
  name: 'blocks and baselines',
  async up(db: Kysely<unknown>) {
    await sql`alter table trials add column block integer not null default 0`.execute(db)
    // Until now every block held every lane once.
    await sql`update trials set block = position / (
      select max(1, json_array_length(experiments.lanes_json)) from runs
        join experiments on experiments.hash = runs.experiment_hash
        where runs.id = trials.run_id
    )`.execute(db)
    await sql`alter table runs add column collection_json text`.execute(db)
    await sql`create table baselines (
      experiment_hash text not null references experiments (hash) on delete cascade,
      host_id text not null references hosts (id),
      run_id text not null references runs (id) on delete cascade,
      pinned_at text not null,
      primary key (experiment_hash, host_id)
    ) without rowid`.execute(db)
    // Foreign keys are searched from the parent's side on delete.
    await sql`create index baselines_run on baselines (run_id)`.execute(db)
    // The runs of one experiment on one host, newest first.
    await sql`create index runs_followed on runs (experiment_hash, host_id, started_at desc, seq desc)
      where deleted_at is null and status = 'done'`.execute(db)
  },
}
