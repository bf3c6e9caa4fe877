import type { History } from '../../../db/index.ts'
import type { RunCharts, RunDocument, RunSeries } from '../../contract/index.ts'
import type { RunRecords } from '../runs/run-records.ts'
import { blockSeries, runCharts } from './charts.ts'
import { runDocument } from './report.ts'

/** Reports and charts of the runs in the history, made whenever they are asked for. */
export class Reports {
  private readonly history: History
  private readonly records: RunRecords

  constructor(history: History, records: RunRecords) {
    this.history = history
    this.records = records
  }

  /** @throws LabError `not_found` */
  async document(id: string): Promise<RunDocument> {
    const { history } = this
    const row = await this.records.read(id)
    const [trials, histograms] = [await history.readTrials(row.id), await history.readHistograms(row.id)]
    return runDocument(row, trials, histograms, await history.findBaseline(row))
  }

  /** The sentence on top of its report: what went wrong, or its verdict; null where its lanes allow none. @throws LabError `not_found` */
  async headline(id: string): Promise<string | null> {
    const { run, verdicts } = await this.document(id)
    return run.fault?.message ?? verdicts[0]?.sentence ?? null
  }

  /** @throws LabError `not_found` */
  async charts(id: string): Promise<RunCharts> {
    const { history } = this
    const row = await this.records.read(id)
    const [trials, histograms] = [await history.readTrials(row.id), await history.readHistograms(row.id)]
    return runCharts(row, trials, histograms)
  }

  /** How the trials of one block (0-based) went over time. @throws LabError `not_found` */
  async series(id: string, block: number): Promise<RunSeries> {
    const { history } = this
    const row = await this.records.read(id)
    const trials = (await history.readTrials(row.id)).filter(({ report }) => report.block === block)
    const places = trials.map(({ report }) => report.order)
    return blockSeries(row, trials, await history.readSeries(row.id, places))
  }
}
