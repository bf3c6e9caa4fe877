import type BetterSqlite3 from 'better-sqlite3'
import type { Kysely } from 'kysely'
import * as baselines from './baselines.ts'
import * as experiments from './experiments.ts'
import { explainSqlite } from './guarded-sqlite.ts'
import * as hosts from './hosts.ts'
import * as measuring from './measuring.ts'
import * as queries from './run-queries.ts'
import * as runs from './runs.ts'
import type { Tables } from './schema.ts'
import * as sweeps from './sweeps.ts'
import * as trend from './trend.ts'
import * as trials from './trials.ts'

type Query<Rest extends unknown[], Out> = (db: Kysely<Tables>, ...rest: Rest) => Promise<Out>

/** The query with its database filled in. */
function bind<Rest extends unknown[], Out>(db: Kysely<Tables>, query: Query<Rest, Out>) {
  return (...rest: Rest): Promise<Out> => query(db, ...rest)
}

/** Less than this is not worth a rewriting of the file, bytes. */
const LEAST_ROOM = 16 * 2 ** 20

/**
 * Gives the room of what was removed back to the file system, where that is most of the file: what is left is written anew, some seconds for a GB, beside the old.
 * Deletions alone leave the file as large as it ever was. Returns the bytes given back: 0 where it is not worth it.
 * @throws LabError `busy` where another process writes, `no_space`
 */
function giveBackRoom(sqlite: BetterSqlite3.Database, file: string): number {
  const number = (pragma: string) => Number(sqlite.pragma(pragma, { simple: true }))
  const free = number('freelist_count') * number('page_size')
  if (free < LEAST_ROOM || free < (number('page_count') * number('page_size')) / 2) return 0
  try {
    sqlite.exec('vacuum')
    sqlite.pragma('wal_checkpoint(truncate)')
  } catch (error) {
    throw explainSqlite(error, file)
  }
  return free
}

/** The history of one data folder: every question that may be put to the database, and nothing else. */
export function historyOf(
  db: Kysely<Tables>,
  sqlite: BetterSqlite3.Database,
  file: string,
  /** Why it can only be read: whatever would change it is refused, `no_permission`. Null where it can be written. */
  readOnly: string | null = null,
) {
  return {
    file,
    readOnly,
    rememberHost: bind(db, hosts.rememberHost),
    rememberExperiment: bind(db, experiments.rememberExperiment),
    addRun: bind(db, runs.addRun),
    importRun: bind(db, runs.importRun),
    changeRun: bind(db, runs.changeRun),
    endRun: bind(db, runs.endRun),
    requeue: bind(db, runs.requeue),
    requestCancel: bind(db, runs.requestCancel),
    findRun: bind(db, queries.findRun),
    findRunIds: bind(db, queries.findRunIds),
    readRun: bind(db, queries.readRun),
    listRuns: bind(db, queries.listRuns),
    pendingRuns: bind(db, queries.pendingRuns),
    recentRunsOfHost: bind(db, queries.recentRunsOfHost),
    softDelete: bind(db, runs.softDelete),
    undelete: bind(db, runs.undelete),
    purgeDeleted: bind(db, runs.purgeDeleted),
    addTrial: bind(db, trials.addTrial),
    readTrials: bind(db, trials.readTrials),
    readHistograms: bind(db, trials.readHistograms),
    readSeries: bind(db, trials.readSeries),
    pinBaseline: bind(db, baselines.pinBaseline),
    unpinBaseline: bind(db, baselines.unpinBaseline),
    findBaseline: bind(db, baselines.findBaseline),
    readTrend: bind(db, trend.readTrend),
    countFollowed: bind(db, trend.countFollowed),
    addSweep: bind(db, sweeps.addSweep),
    addSweepPoints: bind(db, sweeps.addSweepPoints),
    beginSweep: bind(db, sweeps.beginSweep),
    endSweep: bind(db, sweeps.endSweep),
    requestSweepCancel: bind(db, sweeps.requestSweepCancel),
    findSweeps: bind(db, sweeps.findSweeps),
    listSweeps: bind(db, sweeps.listSweeps),
    pendingSweeps: bind(db, sweeps.pendingSweeps),
    readSweepPoints: bind(db, sweeps.readSweepPoints),
    countSimulated: bind(db, sweeps.countSimulated),
    deleteSweep: bind(db, sweeps.deleteSweep),
    purgeSweeps: bind(db, sweeps.purgeSweeps),
    takeMeasuring: bind(db, measuring.takeMeasuring),
    whoMeasures: bind(db, measuring.whoMeasures),
    releaseMeasuring: bind(db, measuring.releaseMeasuring),
    /**
     * Stops checkpoints of this connection, whose fsyncs would disturb a disk being measured; the log grows by what the
     * trials bring (a few MiB) until they are allowed again.
     */
    holdCheckpoints(hold: boolean): void {
      sqlite.pragma(`wal_autocheckpoint = ${hold ? 0 : 1000}`)
    },
    giveBackRoom: () => giveBackRoom(sqlite, file),
    async close(): Promise<void> {
      await db.destroy()
      if (sqlite.open) sqlite.close()
    },
  }
}

export type History = ReturnType<typeof historyOf>
