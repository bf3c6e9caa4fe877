import { readdirSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import type { History } from '../../../db/index.ts'
import { restoreAtStart } from '../../bench/index.ts'
import { interruption, sweepCorpusFile } from '../sweeps/sweep-execution.ts'
import { removeLeftovers } from './engine-end.ts'
import { isAlive } from './owner.ts'
import { interrupt } from './queue.ts'
import { isOfLivingCalibration, selfCorpusFile } from './self-corpus.ts'

/**
 * Ends what dead processes left under way: their runs and sweeps are interrupted, their swap files (of a calibration too, where it used the data
 * folder) and copies of page contents removed, and kernel settings they had changed put back, which stderr is told.
 * @returns which settings were put back
 */
export async function endLeftBehind(history: History, dataDir: string): Promise<string[]> {
  const alive = new Set<string>()
  for (const run of await history.pendingRuns()) {
    if (run.owner && isAlive(run.owner)) alive.add(selfCorpusFile(dataDir, run.id))
    else await interrupt(history, run)
  }
  for (const { id, owner } of await history.pendingSweeps()) {
    if (isAlive(owner)) alive.add(sweepCorpusFile(dataDir, id))
    else await history.endSweep(id, { status: 'interrupted', endedAt: new Date().toISOString(), fault: interruption() })
  }
  for (const name of readdirSync(dataDir)) {
    const file = resolve(dataDir, name)
    if (!/^self-[\w-]+\.corpus$/.test(name)) continue
    if (!alive.has(file) && !isOfLivingCalibration(file)) rmSync(file, { force: true })
  }
  removeLeftovers(dataDir)
  const { done, sentence } = await restoreAtStart(dataDir)
  if (sentence) console.error(sentence)
  return done
}
