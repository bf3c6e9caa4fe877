import { type Kysely, sql } from 'kysely'
import type { Migration } from './migration.ts'

/** Runs that were interrupted, or imported after they had failed, were kept without the headline that other failures have: what went wrong. */
export const headlinesOfFailures: Migration = {
  version: 5,
  name: 'headlines of failures',
  async up(db: Kysely<unknown>) {
    await sql`update runs set headline = fault_json ->> 'message'
      where headline is null and fault_json is not null`.execute(db)
  },
}
