import type BetterSqlite3 from 'better-sqlite3'
import type { Kysely } from 'kysely'
import { LabError } from '../main/contract/index.ts'
import { whoMeasures } from './measuring.ts'
import { MIGRATIONS, type Migration } from './migrations/index.ts'
import type { Owner } from './rows.ts'
import type { Tables } from './schema.ts'

/** 'SwLb': tells a Swaplab history from any other SQLite file. */
export const APPLICATION_ID = 0x53774c62

const SCHEMA_VERSION = MIGRATIONS.length

function versionOf(sqlite: BetterSqlite3.Database, file: string): number {
  const version = Number(sqlite.pragma('user_version', { simple: true }))
  const owner = Number(sqlite.pragma('application_id', { simple: true }))
  if (owner !== APPLICATION_ID && (owner !== 0 || version !== 0 || hasTables(sqlite)))
    throw new LabError({
      code: 'bad_input',
      message: `${file} is an SQLite database of another program, not a Swaplab history.`,
      remedy: 'Choose another data folder (--data DIR), or move that file away.',
    })
  if (version > SCHEMA_VERSION)
    throw new LabError({
      code: 'unavailable',
      message: `${file} was written by a newer Swaplab (schema ${version}; this one knows up to ${SCHEMA_VERSION}).`,
      remedy: 'Update Swaplab, or choose another data folder (--data DIR). The file was not touched.',
    })
  return version
}

function hasTables(sqlite: BetterSqlite3.Database): boolean {
  return sqlite.prepare('select 1 from sqlite_master limit 1').get() !== undefined
}

/** Whether nothing is to be migrated, and nothing refused. */
export function isOfThisVersion(sqlite: BetterSqlite3.Database): boolean {
  return (
    Number(sqlite.pragma('application_id', { simple: true })) === APPLICATION_ID &&
    Number(sqlite.pragma('user_version', { simple: true })) === SCHEMA_VERSION
  )
}

interface MigrateOptions {
  target?: number
  migrations?: readonly Migration[]
  /** Called before rows of an older version are changed, which may take a while. */
  onMigrate?: () => void
  /** Whether a process lives; where one is given, the history of one that measures is left alone. */
  isAlive?: (owner: Owner) => boolean
}

/**
 * Brings the schema up to `target`, all or nothing. Several processes may open the same file at once: the write lock is taken
 * first and the version is read under it, so one migrates and the others find the work done.
 * @throws LabError `unavailable` for a database of a newer version, `bad_input` for one of another program, `busy` where a process of the older version measures
 */
export async function migrate(
  sqlite: BetterSqlite3.Database,
  db: Kysely<unknown>,
  file: string,
  { target = SCHEMA_VERSION, migrations = MIGRATIONS, onMigrate, isAlive }: MigrateOptions = {},
): Promise<void> {
  const version = versionOf(sqlite, file)
  if (version >= target) return
  if (version > 0) {
    if (isAlive) await refuseWhileMeasured(sqlite, db, file, isAlive)
    onMigrate?.()
  }
  sqlite.exec('begin immediate')
  try {
    const from = versionOf(sqlite, file)
    for (const migration of migrations.slice(from, target)) await migration.up(db)
    sqlite.pragma(`application_id = ${APPLICATION_ID}`)
    sqlite.pragma(`user_version = ${Math.max(from, target)}`)
    sqlite.exec('commit')
  } catch (error) {
    if (sqlite.inTransaction) sqlite.exec('rollback')
    throw error
  }
}

/** Whoever measures could not write its trials meanwhile, nor in its own form afterwards. */
async function refuseWhileMeasured(
  sqlite: BetterSqlite3.Database,
  db: Kysely<unknown>,
  file: string,
  isAlive: (owner: Owner) => boolean,
): Promise<void> {
  if (!sqlite.prepare("select 1 from sqlite_master where name = 'measuring'").get()) return
  const holder = await whoMeasures(db as Kysely<Tables>)
  if (!holder || !isAlive(holder.owner)) return
  throw new LabError({
    code: 'busy',
    message: `An older Swaplab (process ${holder.owner.pid}, ${holder.what}) is measuring into ${file}, which has to be brought into a new form.`,
    remedy: 'Wait until it has ended, or cancel it, and start again.',
  })
}
