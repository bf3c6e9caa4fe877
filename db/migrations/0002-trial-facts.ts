import { type Kysely, sql } from 'kysely'
import type { Migration } from './migration.ts'

/**
 * Trials may be invalid, and keep under what conditions they were measured. The check on `status` is part of the column, so the
 * column is replaced: making the table anew would take the metrics with it.
 */
export const trialFacts: Migration = {
  version: 2,
  name: 'trial facts',
  async up(db: Kysely<unknown>) {
    await db.schema
      .alterTable('trials')
      .addColumn('outcome', 'text', (c) =>
        c.notNull().defaultTo('done').check(sql`outcome in ('done', 'failed', 'cancelled', 'invalid')`),
      )
      .execute()
    await sql`update trials set outcome = status`.execute(db)
    await db.schema.alterTable('trials').dropColumn('status').execute()
    await db.schema.alterTable('trials').renameColumn('outcome', 'status').execute()
    await db.schema
      .alterTable('trials')
      .addColumn('facts_json', 'text', (c) => c.notNull().defaultTo('{}'))
      .execute()
  },
}
