import BetterSqlite3 from 'better-sqlite3'
import type { SqliteDatabase, SqliteStatement } from 'kysely'
import { LabError } from '../main/contract/index.ts'

/**
 * What SQLite's own error means for a person; anything that is not SQLite's is returned as it came.
 * @param barred why this history was opened to be read only
 */
export function explainSqlite(error: unknown, file: string, barred: string | null = null): unknown {
  if (!(error instanceof BetterSqlite3.SqliteError)) return error
  const why = error.message
  const primary = error.code.split('_').slice(0, 2).join('_')
  const fault = (code: LabError['code'], message: string, remedy: string) =>
    new LabError({ code, message, remedy }, { cause: error })
  switch (primary) {
    case 'SQLITE_NOTADB':
    case 'SQLITE_CORRUPT':
    case 'SQLITE_FORMAT':
      return fault(
        'io_error',
        `The history ${file} is damaged or not a database (${why}).`,
        `Move it away (with ${file}-wal and ${file}-shm) to start an empty history, or restore a copy; "sqlite3 ${file} .recover" may save what is left.`,
      )
    case 'SQLITE_CANTOPEN':
    case 'SQLITE_PERM':
    case 'SQLITE_AUTH':
      return fault(
        'no_permission',
        `The history ${file} cannot be opened (${why}).`,
        'Swaplab must be able to write to the file and its folder: see who owns them, and whether the file system is mounted read-only; or choose another data folder (--data DIR).',
      )
    case 'SQLITE_READONLY':
      return fault(
        'no_permission',
        `The history ${file} cannot be written: ${barred ?? why}.`,
        'It can still be read. See to that, or choose another data folder (--data DIR).',
      )
    case 'SQLITE_FULL':
      return fault(
        'no_space',
        `The disk of the history ${file} is full.`,
        'Free some space there; what was measured until now is kept.',
      )
    case 'SQLITE_BUSY':
    case 'SQLITE_LOCKED':
      return fault(
        'busy',
        `Another program holds the history ${file} (${why}).`,
        'Close what else has it open, and try again.',
      )
    case 'SQLITE_IOERR':
      return fault(
        'io_error',
        `The history ${file} could not be read or written (${why}).`,
        'Check whether the file system it is on is full (df) and the disk well (dmesg).',
      )
    default:
      return error
  }
}

const NOTHING_CHANGED = { changes: 0, lastInsertRowid: 0 }

/**
 * The connection as Kysely sees it. Errors of SQLite leave as LabErrors that name the file, and a transaction takes the write
 * lock at its start: one that reads first and writes later would fail at once (SQLITE_BUSY_SNAPSHOT) instead of waiting
 * for another process. A full disk ends the transaction by itself; to roll back what has ended already is no error, and would
 * hide the one that ended it.
 */
export function guardedSqlite(
  sqlite: BetterSqlite3.Database,
  file: string,
  barred: string | null = null,
): SqliteDatabase {
  const guard = <T>(work: () => T): T => {
    try {
      return work()
    } catch (error) {
      throw explainSqlite(error, file, barred)
    }
  }
  return {
    close: () => sqlite.close(),
    prepare(sql: string): SqliteStatement {
      const statement = guard(() => sqlite.prepare(sql === 'begin' ? 'begin immediate' : sql))
      return {
        reader: statement.reader,
        all: (parameters) => guard(() => statement.all([...parameters])),
        run: (parameters) =>
          sql === 'rollback' && !sqlite.inTransaction ? NOTHING_CHANGED : guard(() => statement.run([...parameters])),
        iterate: (parameters) => guard(() => statement.iterate([...parameters])),
      }
    },
  }
}
