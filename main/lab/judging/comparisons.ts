import type { History } from '../../../db/index.ts'
import {
  type Comparison,
  LabError,
  type LaneComparison,
  type RunDocument,
  type RunSummary,
  type Trend,
} from '../../contract/index.ts'
import { runSummary } from '../report/report.ts'
import type { Reports } from '../report/reports.ts'
import type { RunRecords } from '../runs/run-records.ts'
import { compareRuns } from './compare.ts'
import { laneComparison } from './lane-comparison.ts'
import { LONGEST_TREND, laneNamed, trendOf } from './trend.ts'

interface Parts {
  history: History
  records: RunRecords
  reports: Reports
  now: () => Date
}

/** Runs of the history beside each other: compared, against a pinned baseline, and over time. */
export class Comparisons {
  private readonly parts: Parts

  constructor(parts: Parts) {
    this.parts = parts
  }

  /** @throws LabError `not_found`, `bad_input` where no base is named and none is pinned */
  async runs(base: string | undefined, next: string[], gates: string[]): Promise<Comparison> {
    const { reports } = this.parts
    const documents: RunDocument[] = []
    for (const id of next) documents.push(await reports.document(id))
    return compareRuns(await reports.document(base ?? baselineOf(documents[0])), documents, gates)
  }

  /** @throws LabError `not_found`, those of laneComparison */
  async lanes(id: string, labels: { base?: string; new?: string }, gates: string[]): Promise<LaneComparison> {
    return laneComparison(await this.parts.reports.document(id), labels, gates)
  }

  /** @throws LabError `not_found`, `bad_input` before it is done */
  async pin(id: string): Promise<RunSummary> {
    const { history, records, now } = this.parts
    const row = await records.find(id)
    if (row.status !== 'done')
      throw new LabError({
        code: 'bad_input',
        field: 'id',
        message: `Run ${row.id} is ${row.status}: a baseline is a run that is done.`,
        remedy: 'Pin one that is done.',
      })
    await history.pinBaseline(row.id, now().toISOString())
    return runSummary(await records.find(row.id))
  }

  /** @throws LabError `not_found`, `bad_input` where it is none */
  async unpin(id: string): Promise<RunSummary> {
    const { history, records } = this.parts
    const row = await records.find(id)
    if (!(await history.unpinBaseline(row.id)))
      throw new LabError({ code: 'bad_input', field: 'id', message: `Run ${row.id} is no baseline.` })
    return runSummary(await records.find(row.id))
  }

  /** The run's experiment on its host, over all of its runs there. @throws LabError `not_found`, those of trendOf */
  async trend(id: string, metric: string, label: string | undefined): Promise<Trend> {
    const { history, reports } = this.parts
    const document = await reports.document(id)
    const lane = laneNamed(document, label)
    const { experimentHash, hostId } = document.run
    const rows = await history.readTrend({ experimentHash, hostId, lane, metric, limit: LONGEST_TREND })
    const runs = await history.countFollowed({ experimentHash, hostId })
    return trendOf({ document, lane, metric, runs, rows, baseline: document.run.baselineId })
  }
}

function baselineOf({ run }: RunDocument): string {
  if (run.baselineId !== null) return run.baselineId
  throw new LabError({
    code: 'bad_input',
    field: 'base',
    message: `Nothing to compare run ${run.id} with: its experiment has no baseline on this host.`,
    remedy: 'Name a base, or pin one: "swaplab baseline RUN".',
  })
}
