import type { History, SweepRow } from '../../../db/index.ts'
import { metricFacts, type SweepDocument, type SweepState, type SweepSummary } from '../../contract/index.ts'
import { isPending, notFound, purgeBefore, refuseDeletingPending, undoUntil } from '../records.ts'

/** The sweeps of the history: found by id, listed, read, deleted and brought back. */
export class SweepRecords {
  private readonly history: History
  private readonly now: () => Date

  constructor(history: History, now: () => Date) {
    this.history = history
    this.now = now
  }

  /** The sweep with this id, or the only one whose id begins so; with `deleted`, the only deleted one. @throws LabError `not_found` */
  async find(id: string, options: { deleted?: boolean } = {}): Promise<SweepRow> {
    const found = await this.history.findSweeps(id, 2, options.deleted ? 'deleted' : 'kept')
    if (found.length === 1) return found[0]
    throw notFound('sweep', id, found.length)
  }

  async list(page: { limit: number; offset: number }): Promise<{ sweeps: SweepSummary[]; total: number }> {
    const { sweeps, total } = await this.history.listSweeps(page)
    return { sweeps: sweeps.map(sweepSummary), total }
  }

  /** @throws LabError `not_found` */
  async state(id: string): Promise<SweepState> {
    const row = await this.find(id)
    const holder = isPending(row) ? await this.history.whoMeasures() : null
    const state = { ...sweepSummary(row), waitingFor: null, elapsedMs: null, etaMs: null }
    if (row.status === 'queued') return { ...state, waitingFor: holder?.what ?? null }
    if (holder?.what !== measuringName(row)) return state
    const elapsedMs = Math.max(0, this.now().getTime() - Date.parse(holder.since))
    return {
      ...state,
      elapsedMs,
      etaMs: timeLeftMs(row, { simulated: await this.history.countSimulated(row.id), elapsedMs }),
    }
  }

  /** @throws LabError `not_found` */
  async document(id: string): Promise<SweepDocument> {
    const row = await this.find(id)
    const points = await this.history.readSweepPoints(row.id)
    const names = new Set(points.flatMap(({ lanes }) => lanes.flatMap(({ metrics }) => Object.keys(metrics))))
    return {
      sweep: sweepSummary(row),
      spec: row.spec,
      points,
      metrics: Object.fromEntries([...names].sort().map((name) => [name, metricFacts(name)])),
    }
  }

  /** @throws LabError `not_found`, `busy` before its end */
  async delete(id: string): Promise<{ undoUntil: string }> {
    const row = await this.find(id)
    refuseDeletingPending('sweep', row)
    const now = this.now()
    await this.history.deleteSweep(row.id, now.toISOString())
    return { undoUntil: undoUntil(now) }
  }

  /** @throws LabError `not_found` */
  async undelete(id: string): Promise<SweepSummary> {
    const row = await this.find(id, { deleted: true })
    await this.history.deleteSweep(row.id, null)
    return sweepSummary(row)
  }

  /** Removes for good what was deleted long enough ago. */
  async purgeDeleted(): Promise<void> {
    await this.history.purgeSweeps(purgeBefore(this.now()))
  }
}

/** What the right to measure is held as. */
export const measuringName = ({ id }: Pick<SweepSummary, 'id'>): string => `sweep ${id}`

/**
 * At the pace of the points that were simulated: those known to be impossible took no time. null before the first, when nothing is known of it.
 */
function timeLeftMs(
  { points, done }: Pick<SweepSummary, 'points' | 'done'>,
  { simulated, elapsedMs }: { simulated: number; elapsedMs: number },
): number | null {
  return simulated === 0 ? null : (elapsedMs / simulated) * (points - done)
}

function sweepSummary(row: SweepRow): SweepSummary {
  const { id, name, status, axes, lanes, points, done, startedAt, endedAt, fault } = row
  return { id, name, status, axes, lanes, points, done, startedAt, endedAt, fault }
}
