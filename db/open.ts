import {
  accessSync,
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import BetterSqlite3 from 'better-sqlite3'
import { Kysely, SqliteDialect } from 'kysely'
import { LabError } from '../main/contract/index.ts'
import { explainSqlite, guardedSqlite } from './guarded-sqlite.ts'
import { type History, historyOf } from './history.ts'
import { isOfThisVersion, migrate } from './migrate.ts'
import type { Owner } from './rows.ts'
import type { Tables } from './schema.ts'

/** The history's file name inside a data folder. */
export const HISTORY_FILE = 'history.sqlite'

/** How long a query waits for another process's write, ms; writes here take a few. */
const BUSY_TIMEOUT_MS = 5000

/** A query longer than this is a defect of its index, ms. */
const SLOW_QUERY_MS = 200

export interface OpenOptions {
  /** Nothing is changed, nor made: one of an older version is refused. */
  lookOnly?: boolean
  onSlowQuery?: (sql: string, ms: number) => void
  /** Called where the history is of an older version, before it is changed: a large one takes a while. */
  onMigrate?: () => void
  /** Whether a process lives: an older version that measures is not taken its history from under it. */
  isAlive?: (owner: Owner) => boolean
}

/**
 * One connection for each file in a process. Waiting for another's lock blocks the thread, so two connections of one thread
 * could wait for each other until the time is over; two processes cannot.
 */
const open = new Map<string, Shared>()

/**
 * Opens (or makes) the history of a data folder: folder 0700, file 0600, WAL, so that a window and a terminal share it. One that cannot
 * be written can still be read: see `readOnly`.
 * @throws LabError naming the file and what to do: not readable, damaged, of another program, of a newer version
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
  const barred = whyNotWritten(file)
  if (barred !== null) return await connectReadOnly(file, barred, options)
  if (options.lookOnly) return await use(file, options, 'it was opened to be looked at', () => openToLook(file))
  makePrivate(dirname(file), file)
  try {
    return await use(file, options, null, () => {
      const sqlite = new BetterSqlite3(file, { timeout: BUSY_TIMEOUT_MS })
      return prepared(sqlite, () => {
        sqlite.pragma('journal_mode = WAL')
        sqlite.pragma('synchronous = NORMAL')
        sqlite.pragma('foreign_keys = ON')
      })
    })
  } catch (error) {
    if (hasNoRoomBeside(error) && statSync(file).size > 0)
      return await connectReadOnly(file, 'its disk seems to be full', options)
    throw error
  }
}

/** SQLite writes some KiB beside a database in WAL mode even to read it. */
function hasNoRoomBeside(error: unknown): boolean {
  const cause = error instanceof LabError ? error.cause : undefined
  return cause instanceof BetterSqlite3.SqliteError && /^SQLITE_(?:FULL|IOERR_(?:SHM\w*|WRITE))$/.test(cause.code)
}

/** One that cannot be written: as it is, or, where SQLite would have to write even to read it, a copy. */
async function connectReadOnly(file: string, why: string, options: OpenOptions): Promise<History> {
  return await use(file, options, why, () => openAsItIs(file) ?? openCopy(file))
}

/** Makes a history of what `connectTo` opens, of this version. @throws LabError */
async function use(
  file: string,
  options: OpenOptions,
  readOnly: string | null,
  connectTo: () => BetterSqlite3.Database,
): Promise<History> {
  let sqlite: BetterSqlite3.Database | undefined
  try {
    sqlite = connectTo()
    const dialect = new SqliteDialect({ database: guardedSqlite(sqlite, file, readOnly) })
    const db = new Kysely<Tables>({
      dialect,
      log(event) {
        if (event.level === 'query' && event.queryDurationMillis > SLOW_QUERY_MS)
          options.onSlowQuery?.(event.query.sql, event.queryDurationMillis)
      },
    })
    const { onMigrate, isAlive } = options
    await migrate(sqlite, new Kysely<unknown>({ dialect }), file, { onMigrate, ...(readOnly === null && { isAlive }) })
    if (readOnly !== null) sqlite.pragma('query_only = ON')
    return historyOf(db, sqlite, file, readOnly)
  } catch (error) {
    sqlite?.close()
    throw explainSqlite(error, file)
  }
}

/** The connection, closed where what prepares it fails. */
function prepared(sqlite: BetterSqlite3.Database, prepare: () => void): BetterSqlite3.Database {
  try {
    prepare()
    return sqlite
  } catch (error) {
    sqlite.close()
    throw error
  }
}

/** Null for a history that is to be made, or can be written; else what stands against it. */
function whyNotWritten(file: string): string | null {
  if (!existsSync(file)) return null
  for (const [path, what] of [
    [file, 'the file'],
    [dirname(file), 'its folder'],
  ])
    try {
      accessSync(path, constants.W_OK)
    } catch (error) {
      const mounted = error instanceof Error && 'code' in error && error.code === 'EROFS'
      return mounted ? 'its file system is mounted read-only' : `this user may not write to ${what}`
    }
  return null
}

function openToLook(file: string): BetterSqlite3.Database {
  const sqlite = new BetterSqlite3(file, { fileMustExist: true, timeout: BUSY_TIMEOUT_MS })
  return prepared(sqlite, () => {
    sqlite.pragma('query_only = ON')
    if (isOfThisVersion(sqlite)) return
    throw new LabError({
      code: 'unavailable',
      message: `The history ${file} is not of this version.`,
      remedy: 'If it is of an older one, "swaplab list" brings it into the new form.',
    })
  })
}

/** Works beside another process that has it open, and only there. Null where it does not, or is of an older version. */
function openAsItIs(file: string): BetterSqlite3.Database | null {
  if (!existsSync(`${file}-shm`)) return null
  let sqlite: BetterSqlite3.Database | undefined
  try {
    sqlite = new BetterSqlite3(file, { readonly: true, timeout: BUSY_TIMEOUT_MS })
    if (isOfThisVersion(sqlite)) return sqlite
  } catch {
    // The copy shows what is wrong with it.
  }
  sqlite?.close()
  return null
}

/**
 * The copy has no name once it is open, so that nothing of it stays
 * however this process ends.
 */
function openCopy(file: string): BetterSqlite3.Database {
  const folder = mkdtempSync(join(tmpdir(), 'swaplab-history-'))
  try {
    const copy = join(folder, HISTORY_FILE)
    for (const part of ['', '-wal'])
      if (existsSync(`${file}${part}`)) {
        copyFileSync(`${file}${part}`, `${copy}${part}`, constants.COPYFILE_FICLONE)
        chmodSync(`${copy}${part}`, 0o600)
      }
    const sqlite = new BetterSqlite3(copy)
    // Its log and its shared memory are opened by name too.
    return prepared(sqlite, () => sqlite.prepare('select 1 from sqlite_master limit 1').get())
  } catch (error) {
    if (error instanceof BetterSqlite3.SqliteError) throw error
    throw new LabError(
      {
        code: 'no_permission',
        message: `The history ${file} cannot be written, and not be copied to be read (${error instanceof Error ? error.message : String(error)}).`,
        remedy: 'See who may read it, and whether there is room for a copy in the folder for temporary files (TMPDIR).',
      },
      { cause: error },
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Node's own recursive mkdir never ends below a folder that answers ENOENT to every name, as /proc does. */
function makeFolder(path: string): void {
  if (existsSync(path)) return
  makeFolder(dirname(path))
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    // Another process has made it meanwhile.
    if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) throw error
  }
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
