import BetterSqlite3 from 'better-sqlite3'
import { Kysely, SqliteDialect, sql } from 'kysely'
import { expect, it } from 'vitest'
import { guardedSqlite } from './guarded-sqlite.ts'

it('tells why a transaction ended that SQLite has rolled back by itself, as it does on a full disk', async () => {
  const sqlite = new BetterSqlite3(':memory:')
  const db = new Kysely<unknown>({ dialect: new SqliteDialect({ database: guardedSqlite(sqlite, 'history') }) })
  const full = new Error('the disk is full')
  const write = db.transaction().execute(async (tx) => {
    await sql`rollback`.execute(tx)
    throw full
  })
  await expect(write).rejects.toBe(full)
  expect(sqlite.inTransaction).toBe(false)
  await db.destroy()
})
