import { chmodSync, closeSync, existsSync, mkdirSync, openSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { LabError } from '../main/contract/index.ts'
import { explainSqlite, guardedSqlite } from './guarded-sqlite.ts'
import { type History, historyOf } from './history.ts'
import { migrate } from './migrate.ts'
import type { Tables } from './schema.ts'

/** The history's file name inside a data folder. */
export const HISTORY_FILE = 'history.sqlite'

/** How long a query waits for another process's write, ms; writes here take a few. */
const BUSY_TIMEOUT_MS = 5000

/** A query longer than this is a defect of its index, ms. */
const SLOW_QUERY_MS = 200

export interface OpenOptions {
  onSlowQuery?: (sql: string, ms: number) => void
}

/**
 * One connection for each file in a process. Waiting for another's lock blocks the thread, so two connections of one thread
 * could wait for each other until the time is over; two processes cannot.
 */
const open = new Map<string, Shared>()

/**
 * Opens (or makes) the history of a data folder: folder 0700, file 0600, WAL, so that a window and a terminal share it.
 * @throws LabError naming the file and what to do: not writable, damaged, of another program, of a newer version
 */
export async function openHistory(dataDir: string, options: OpenOptions = {}): Promise<History> {
  const file = join(resolve(dataDir), HISTORY_FILE)
  const shared = open.get(file) ?? { users: 0, history: connect(file, options) }
  open.set(file, shared)
  shared.users++
  try {
    return handleOf(file, shared, await shared.history)
  } catch (error) {
    open.delete(file)
    throw error
  }
}

interface Shared {
  users: number
  history: Promise<History>
}

/** One user's handle; the last to close closes the connection. */
function handleOf(file: string, shared: Shared, history: History): History {
  let closed = false
  return {
    ...history,
    async close() {
      if (closed) return
      closed = true
      shared.users--
      if (shared.users > 0) return
      open.delete(file)
      await history.close()
    },
  }
}

async function connect(file: string, options: OpenOptions): Promise<History> {
  makePrivate(dirname(file), file)
  let sqlite: BetterSqlite3.Database | undefined
  try {
    sqlite = new BetterSqlite3(file, { timeout: BUSY_TIMEOUT_MS })
    sqlite.pragma('journal_mode = WAL')
    sqlite.pragma('synchronous = NORMAL')
    sqlite.pragma('foreign_keys = ON')
    const dialect = new SqliteDialect({ database: guardedSqlite(sqlite, file) })
    const db = new Kysely<Tables>({
      dialect,
      log(event) {
        if (event.level === 'query' && event.queryDurationMillis > SLOW_QUERY_MS)
          options.onSlowQuery?.(event.query.sql, event.queryDurationMillis)
      },
    })
    await migrate(sqlite, new Kysely<unknown>({ dialect }), file)
    return historyOf(db, sqlite, file)
  } catch (error) {
    sqlite?.close()
    throw explainSqlite(error, file)
  }
}

/** Node's own recursive mkdir never ends below a folder that answers ENOENT to every name, as /proc does. */
function makeFolder(path: string): void {
  if (!existsSync(dirname(path))) makeFolder(dirname(path))
  if (!existsSync(path)) mkdirSync(path, { mode: 0o700 })
}

function makePrivate(dataDir: string, file: string): void {
  try {
    const isNew = !existsSync(dataDir)
    makeFolder(dataDir)
    // A folder that was there keeps its mode: it may be the user's own, chosen with --data.
    if (isNew) chmodSync(dataDir, 0o700)
    if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600))
  } catch (error) {
    throw new LabError(
      {
        code: 'no_permission',
        message: `The data folder ${dataDir} cannot be used (${error instanceof Error ? error.message : String(error)}).`,
        remedy: 'Give a folder you may write to with --data DIR.',
      },
      { cause: error },
    )
  }
}
