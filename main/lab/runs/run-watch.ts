import type { History, RunRow } from '../../../db/index.ts'
import type { Progress } from '../../contract/index.ts'
import { isPending } from '../records.ts'
import { isAlive } from './owner.ts'
import type { ProgressBoard } from './progress-board.ts'
import { interrupt } from './queue.ts'
import type { RunRecords } from './run-records.ts'

/** How often a run of another process is looked at, ms. */
const FOREIGN_POLL_MS = 1000

interface Parts {
  history: History
  records: RunRecords
  board: ProgressBoard
  now: () => Date
}

/** Progress of runs: of this process from its board, of any other as far as the history tells. */
export class RunWatch {
  private readonly parts: Parts

  constructor(parts: Parts) {
    this.parts = parts
  }

  /** Last state first, then live, ending with the run. @throws LabError `not_found` */
  async watch(id: string): Promise<AsyncIteratorObject<Progress, void, void>> {
    const { records, board } = this.parts
    const row = await records.find(id)
    if (board.last(row.id)) return board.watch(row.id)
    return isPending(row) ? this.follow(row.id) : once(await this.lastWord(row))
  }

  /** Every run that is queued or under way, in whichever process. */
  async active(): Promise<Progress[]> {
    const { history, board, now } = this.parts
    const own = new Map(board.active().map((progress) => [progress.runId, progress]))
    const pending = await history.pendingRuns()
    return pending
      .filter((row) => own.has(row.id) || (row.owner !== null && isAlive(row.owner)))
      .map((row) => own.get(row.id) ?? foreignProgress(row, now()))
  }

  private async *follow(id: string): AsyncGenerator<Progress, void, void> {
    const { history, records, now } = this.parts
    let told = ''
    for (;;) {
      const row = await records.find(id)
      const pending = isPending(row)
      if (pending && row.owner && !isAlive(row.owner)) {
        await interrupt(history, row)
        continue
      }
      const word = pending ? foreignProgress(row, now()) : await this.lastWord(row)
      const news = `${word.status} ${word.trial.index}`
      if (news !== told) yield word
      if (!pending) return
      told = news
      await new Promise((go) => setTimeout(go, FOREIGN_POLL_MS))
    }
  }

  private async lastWord(row: RunRow): Promise<Progress> {
    const { fault } = (await this.parts.history.readRun(row.id)) ?? {}
    return {
      runId: row.id,
      status: row.status,
      phase: 'ended',
      message: fault?.message ?? row.status,
      lane: null,
      trial: { index: row.trialsDone, total: row.trialsTotal },
      fraction: 1,
      elapsedMs: row.durationMs ?? 0,
      etaMs: null,
      decision: null,
      sample: null,
      ...(fault ? { fault } : {}),
    }
  }
}

async function* once<T>(value: T): AsyncGenerator<T, void, void> {
  yield value
}

/** What is known here of a run that another process carries out. */
function foreignProgress(row: RunRow, now: Date): Progress {
  const queued = row.status === 'queued'
  return {
    runId: row.id,
    status: row.status,
    phase: queued ? 'queued' : 'measure',
    message: queued ? 'waiting for its turn in another window or terminal' : 'under way in another window or terminal',
    lane: null,
    trial: { index: row.trialsDone, total: row.trialsTotal },
    fraction: row.trialsTotal > 0 ? Math.min(1, row.trialsDone / row.trialsTotal) : 0,
    elapsedMs: queued ? 0 : Math.max(0, now.getTime() - Date.parse(row.startedAt)),
    etaMs: null,
    decision: null,
    sample: null,
  }
}
