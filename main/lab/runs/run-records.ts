import type { FullRunRow, History, RunRow } from '../../../db/index.ts'
import { LabError, type RunSummary } from '../../contract/index.ts'
import { notFound, purgeBefore, refuseDeletingPending, undoUntil } from '../records.ts'
import { runSummary } from '../report/report.ts'

/** The runs of the history: found by id, listed, deleted and brought back, tagged and annotated. */
export class RunRecords {
  private readonly history: History
  private readonly now: () => Date

  constructor(history: History, now: () => Date) {
    this.history = history
    this.now = now
  }

  /** The run with this id, or the only one whose id begins so; with `deleted`, the only deleted one. @throws LabError `not_found` */
  async find(id: string, options: { deleted?: boolean } = {}): Promise<RunRow> {
    const exact = await this.history.findRun(id)
    if (exact && (options.deleted || exact.deletedAt === null)) return exact
    const ids = exact ? [] : await this.history.findRunIds(id, 2, options.deleted ? 'deleted' : 'kept')
    const only = ids.length === 1 ? await this.history.findRun(ids[0]) : null
    if (only) return only
    throw notFound('run', id, ids.length)
  }

  /** The same with everything of it but its trials. @throws LabError `not_found` */
  async read(id: string): Promise<FullRunRow> {
    const { id: exact } = await this.find(id)
    const row = await this.history.readRun(exact)
    if (!row) throw new LabError({ code: 'not_found', field: 'id', message: `Run "${exact}" was removed just now.` })
    return row
  }

  async list(page: Parameters<History['listRuns']>[0]): Promise<{ runs: RunSummary[]; total: number }> {
    const { runs, total } = await this.history.listRuns(page)
    return { runs: runs.map(runSummary), total }
  }

  /** @throws LabError `not_found`, `busy` before its end */
  async delete(id: string): Promise<{ undoUntil: string }> {
    const row = await this.find(id)
    refuseDeletingPending('run', row)
    const now = this.now()
    await this.history.softDelete(row.id, now.toISOString())
    return { undoUntil: undoUntil(now) }
  }

  /** @throws LabError `not_found` */
  async undelete(id: string): Promise<RunSummary> {
    const row = await this.find(id, { deleted: true })
    await this.history.undelete(row.id)
    return runSummary(row)
  }

  /** Removes for good what was deleted long enough ago. */
  async purgeDeleted(): Promise<void> {
    await this.history.purgeDeleted(purgeBefore(this.now()))
  }

  /** @throws LabError `not_found` */
  async tag(id: string, tags: string[]): Promise<RunSummary> {
    return this.change(id, { tags: [...new Set(tags)] })
  }

  /** @throws LabError `not_found` */
  async note(id: string, note: string): Promise<RunSummary> {
    return this.change(id, { note })
  }

  private async change(id: string, changes: { tags: string[] } | { note: string }): Promise<RunSummary> {
    const row = await this.find(id)
    await this.history.changeRun(row.id, changes)
    return runSummary(await this.find(row.id))
  }
}
