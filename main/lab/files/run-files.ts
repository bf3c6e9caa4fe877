import type { History, NewTrial } from '../../../db/index.ts'
import { LabError, type RunSummary } from '../../contract/index.ts'
import { runSummary } from '../report/report.ts'
import { reportCsv } from '../report/report-csv.ts'
import { reportHtml } from '../report/report-html.ts'
import type { Reports } from '../report/reports.ts'
import type { RunRecords } from '../runs/run-records.ts'
import { experimentHash } from '../specifications/experiment-hash.ts'
import { specToYaml } from '../specifications/spec-text.ts'
import { makeBundle, readBundle } from './bundle.ts'

interface Parts {
  history: History
  records: RunRecords
  reports: Reports
  now: () => Date
}

interface RunFile {
  filename: string
  mime: string
  text: string
}

/** Runs as files: its report in three formats, and the run itself as a bundle, which another history takes in. */
export class RunFiles {
  private readonly parts: Parts

  constructor(parts: Parts) {
    this.parts = parts
  }

  /** @throws LabError `not_found`; `busy` for the bundle of a run before its end */
  async export(id: string, format: 'json' | 'csv' | 'html' | 'bundle'): Promise<RunFile> {
    const { records, reports, now } = this.parts
    const row = await records.read(id)
    const file = (extension: string) => `swaplab-${row.id}.${extension}`
    switch (format) {
      case 'json':
        return json(file('json'), await reports.document(row.id))
      case 'csv':
        return { filename: file('csv'), mime: 'text/csv', text: reportCsv(await reports.document(row.id)) }
      case 'html':
        return {
          filename: file('html'),
          mime: 'text/html',
          text: reportHtml(await reports.document(row.id), specToYaml(row.spec)),
        }
      case 'bundle':
        return json(file('bundle.json'), makeBundle(row, await this.wholeTrials(row.id), now().toISOString()))
    }
  }

  private async wholeTrials(id: string): Promise<NewTrial[]> {
    const { history } = this.parts
    const histograms = await history.readHistograms(id)
    const series = await history.readSeries(id)
    return (await history.readTrials(id)).map((trial) => {
      const own = histograms.filter((part) => part.position === trial.report.order)
      return {
        ...trial,
        histograms: Object.fromEntries(own.map((part) => [part.name, part.histogram])),
        series: series.find((part) => part.position === trial.report.order)?.samples ?? [],
      }
    })
  }

  /** Takes a bundle in. @throws LabError `bad_input` where the run is here already; those of readBundle */
  async import(text: string): Promise<RunSummary> {
    const { history, records, reports, now } = this.parts
    const { run, host, spec, trials } = readBundle(text)
    const there = await history.findRun(run.id)
    if (there && there.deletedAt === null) throw isThere(there)
    const importedAt = now().toISOString()
    const hash = experimentHash(spec)
    const { id, name, startedAt, version, warnings, trialsTotal, endedAt, durationMs, fault, ...rest } = run
    await history.rememberHost(host)
    await history.rememberExperiment({ hash, spec, createdAt: importedAt })
    const imported = await history.importRun({
      id,
      experimentHash: hash,
      name,
      startedAt,
      version,
      swapDir: run.swapfile?.directory ?? '',
      host,
      warnings,
      trialsTotal,
      importedAt,
      trials,
      changes: {
        status: rest.status,
        endedAt: endedAt ?? undefined,
        durationMs: durationMs ?? undefined,
        fault: fault ?? undefined,
        swapfile: rest.swapfile ?? undefined,
        corpus: rest.corpus ?? undefined,
        observer: rest.observer ?? undefined,
        trialOrder: rest.trialOrder,
        laneNotes: rest.laneNotes,
        tags: rest.tags,
        note: rest.note,
        collection: rest.collection ?? undefined,
      },
    })
    // Another process has taken it in meanwhile.
    if (!imported) throw isThere(await records.find(id))
    await history.changeRun(id, { headline: await reports.headline(id) })
    return runSummary(await records.find(id))
  }
}

const isThere = ({ id, name }: { id: string; name: string }) =>
  new LabError({
    code: 'bad_input',
    field: 'text',
    message: `Run ${id} ("${name}") is in this history already; it was not imported again.`,
    remedy: `The history lists it; "swaplab show ${id}" shows it.`,
  })

const json = (filename: string, value: unknown): RunFile => ({
  filename,
  mime: 'application/json',
  text: `${JSON.stringify(value, null, 2)}\n`,
})
