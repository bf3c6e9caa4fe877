import { randomBytes } from 'node:crypto'
import { readdirSync, rmSync, statSync } from 'node:fs'
import { isAbsolute, resolve } from 'node:path'
import { type FullRunRow, type History, type NewTrial, openHistory, type RunRow } from '../../db/index.ts'
import {
  checkKernelLanes,
  comparisonAsLanes,
  freeMargin,
  kernelConsent,
  needConsent,
  restoreAtStart,
  restoreKernel,
} from '../bench/index.ts'
import {
  type Calibration,
  type Comparison,
  type KernelConsent,
  LabError,
  type LaneComparison,
  type Progress,
  parseSpec,
  type RunCharts,
  type RunDocument,
  type RunEstimate,
  type RunSummary,
  type Trend,
} from '../contract/index.ts'
import { makeBundle, readBundle } from './bundle.ts'
import { type CalibrationRequest, Calibrations } from './calibration.ts'
import { warningsOfCheck } from './host/check.ts'
import { changedConditions } from './host/conditions.ts'
import type { HostEyes } from './host/eyes.ts'
import { compareRuns } from './judging/compare.ts'
import { laneComparison } from './judging/lane-comparison.ts'
import { LONGEST_TREND, laneNamed, trendOf } from './judging/trend.ts'
import { runCharts } from './report/charts.ts'
import { runDocument, runSummary } from './report/report.ts'
import { reportCsv } from './report/report-csv.ts'
import { reportHtml } from './report/report-html.ts'
import { carriedOf, lanesOf, planMore } from './runs/collect-more.ts'
import type { EngineProcess } from './runs/engine-process.ts'
import { selfCorpusFile } from './runs/execution.ts'
import { isAlive, thisOwner } from './runs/owner.ts'
import { ProgressBoard } from './runs/progress-board.ts'
import { collectingFurther, interrupt, RunQueue } from './runs/queue.ts'
import { estimateRun, type PastRun } from './specifications/estimate.ts'
import { checkPolicyFiles } from './specifications/policy-files.ts'
import { experimentHash, specToYaml } from './specifications/spec-text.ts'

/** How long a deletion may be taken back, ms. */
export const UNDO_MS = 10 * 60_000

/** Past runs an estimate looks at. */
const PAST_RUNS = 20

/** How often a run of another process is looked at, ms. */
const FOREIGN_POLL_MS = 1000

export interface LabOptions {
  /** Folder of the history; made where it is missing. */
  dataDir: string
  startEngine: () => EngineProcess
  door: 'electron' | 'web' | 'cli'
  version: string
  eyes: HostEyes
  cancelGraceMs?: number
  now?: () => Date
}

/** The lab itself: what the contract asks, as functions. The router only carries it. */
export class LabCore {
  readonly options: LabOptions
  private readonly history: History
  private readonly board = new ProgressBoard()
  private readonly queue: RunQueue
  private readonly owner = thisOwner()
  readonly calibrations: Calibrations

  private constructor(options: LabOptions, history: History) {
    this.options = options
    this.history = history
    this.calibrations = new Calibrations({
      history,
      owner: this.owner,
      eyes: options.eyes,
      startEngine: options.startEngine,
      dataDir: options.dataDir,
    })
    this.queue = new RunQueue({
      history,
      board: this.board,
      owner: this.owner,
      dataDir: options.dataDir,
      startEngine: options.startEngine,
      captureSelf: options.eyes.captureSelf,
      cancelGraceMs: options.cancelGraceMs,
      warningsNow: async (swapDir) => warningsOfCheck(await options.eyes.check(swapDir)),
      headline: async (id) => (await this.document(id)).verdicts[0]?.sentence ?? null,
    })
  }

  /** Opens the history, ends what a dead process left under way, and purges what was deleted long enough ago. */
  static async open(options: LabOptions): Promise<LabCore> {
    const history = await openHistory(options.dataDir, {
      onSlowQuery: (sql, ms) => console.error(`slow query, ${ms.toFixed(0)} ms: ${sql}`),
    })
    try {
      const alive = new Set<string>()
      for (const run of await history.pendingRuns()) {
        if (run.owner && isAlive(run.owner)) alive.add(selfCorpusFile(options.dataDir, run.id))
        else await interrupt(history, run)
      }
      const now = options.now?.() ?? new Date()
      await history.purgeDeleted(new Date(now.getTime() - UNDO_MS).toISOString())
      for (const name of readdirSync(options.dataDir)) {
        const file = resolve(options.dataDir, name)
        if (/^self-[\w-]+\.corpus$/.test(name) && !alive.has(file)) rmSync(file, { force: true })
      }
      const restored = await restoreAtStart(options.dataDir)
      if (restored) console.error(restored)
      return new LabCore(options, history)
    } catch (error) {
      await history.close()
      throw error
    }
  }

  async close(): Promise<void> {
    await this.queue.close()
    await this.history.close()
  }

  private now(): Date {
    return this.options.now?.() ?? new Date()
  }

  /** @throws LabError `bad_input`, field `swapDir` */
  swapDir(asked: string | undefined): string {
    if (asked === undefined) return this.options.dataDir
    const refuse = (why: string) =>
      new LabError({
        code: 'bad_input',
        field: 'swapDir',
        message: `The swap directory "${asked}" ${why}.`,
        remedy: 'Give the full path of an existing directory on the disk to be measured.',
      })
    if (!isAbsolute(asked)) throw refuse('is not a full path')
    if (!statSync(asked, { throwIfNoEntry: false })?.isDirectory()) throw refuse('is not a directory')
    return asked
  }

  /** The run with this id, or the only one whose id begins so. @throws LabError `not_found` */
  private async find(id: string, options: { deleted?: boolean } = {}): Promise<RunRow> {
    const exact = await this.history.findRun(id)
    if (exact && (options.deleted || exact.deletedAt === null)) return exact
    const ids = exact ? [] : await this.history.findRunIds(id, 2)
    const only = ids.length === 1 ? await this.history.findRun(ids[0]) : null
    if (only) return only
    throw new LabError({
      code: 'not_found',
      field: 'id',
      message: ids.length > 1 ? `"${id}" begins more than one run id.` : `There is no run "${id}" in this history.`,
      remedy: ids.length > 1 ? 'Give more of the id.' : '"swaplab list" shows the runs there are.',
    })
  }

  private async full(id: string): Promise<FullRunRow> {
    const { id: exact } = await this.find(id)
    const row = await this.history.readRun(exact)
    if (!row) throw new LabError({ code: 'not_found', field: 'id', message: `Run "${exact}" was removed just now.` })
    return row
  }

  async start(input: unknown, swapDirAsked: string | undefined, privileged: boolean): Promise<{ id: string }> {
    const spec = parseSpec(input)
    checkKernelLanes(spec)
    checkPolicyFiles(spec)
    needConsent(spec, privileged)
    const swapDir = this.swapDir(swapDirAsked)
    const host = await this.options.eyes.report(swapDir)
    const startedAt = this.now().toISOString()
    const id = newRunId(startedAt)
    const hash = experimentHash(spec)
    const trialsTotal = spec.trials * spec.lanes.length
    await this.history.rememberHost(host)
    await this.history.rememberExperiment({ hash, spec, createdAt: startedAt })
    await this.history.addRun({
      id,
      experimentHash: hash,
      name: spec.name,
      startedAt,
      version: this.options.version,
      swapDir,
      host,
      warnings: [],
      trialsTotal,
      owner: this.owner,
    })
    this.queue.add({ id, spec, swapDir, privileged, trialsTotal, after: null })
    return { id }
  }

  /**
   * Adds blocks to a finished run until its verdicts stand. Sound because lanes are interleaved inside every block, whenever
   * it is made; the report says which blocks are later ones.
   * @throws LabError bad_input where nothing is open or the run is not one of this host and version
   */
  async more(id: string, privileged: boolean): Promise<{ id: string }> {
    const row = await this.full(id)
    const refuse = (message: string, remedy: string) =>
      new LabError({ code: 'bad_input', field: 'id', message, remedy })
    if (row.status !== 'done')
      throw refuse(`Run ${row.id} is ${row.status}; only a finished run can collect more.`, 'Run it again.')
    const swapDir = this.swapDir(row.swapDir === '' ? undefined : row.swapDir)
    const host = await this.options.eyes.report(swapDir)
    if (host.id !== row.hostId)
      throw refuse(`Run ${row.id} was measured on another host (${row.host.hostname}).`, 'Run it again on this one.')
    const changed = changedConditions(row, { host, version: this.options.version })
    if (changed.length > 0)
      throw refuse(
        `Since run ${row.id} was measured has changed: ${changed.join(', ')}.`,
        'Run it again: trials under two conditions are no sample of one thing.',
      )
    const trials = await this.history.readTrials(row.id)
    const plan = planMore(lanesOf(row, trials), collectingFurther(row.spec.adaptive))
    if (plan.blocks === 0)
      throw refuse(`Run ${row.id} has nothing to collect: ${plan.reason}`, 'Its verdicts stand as they are.')
    checkKernelLanes(row.spec)
    needConsent(row.spec, privileged)
    if (!(await this.history.requeue(row.id, this.owner)))
      throw new LabError({ code: 'busy', message: `Run ${row.id} is collecting already.` })
    const { spec, trialsTotal } = row
    this.queue.add({ id: row.id, spec, swapDir, privileged, trialsTotal, after: carriedOf(trials) })
    return { id: row.id }
  }

  async cancel(id: string): Promise<{ cancelled: boolean }> {
    const row = await this.find(id)
    if (row.status !== 'queued' && row.status !== 'running') return { cancelled: false }
    if (!this.queue.cancel(row.id)) await this.history.requestCancel(row.id)
    return { cancelled: true }
  }

  /** Last state first, then live, ending with the run; a run of another process is followed through the history. */
  async watch(id: string): Promise<AsyncIteratorObject<Progress, void, void>> {
    const row = await this.find(id)
    if (this.board.last(row.id)) return this.board.watch(row.id)
    const ended = row.status !== 'queued' && row.status !== 'running'
    return ended ? once(await this.lastWord(row)) : this.follow(row.id)
  }

  private async *follow(id: string): AsyncGenerator<Progress, void, void> {
    let told = ''
    for (;;) {
      const row = await this.find(id)
      const pending = row.status === 'queued' || row.status === 'running'
      if (pending && row.owner && !isAlive(row.owner)) {
        await interrupt(this.history, row)
        continue
      }
      const word = pending ? foreignProgress(row, this.now()) : await this.lastWord(row)
      const news = `${word.status} ${word.trial.index}`
      if (news !== told) yield word
      if (!pending) return
      told = news
      await new Promise((go) => setTimeout(go, FOREIGN_POLL_MS))
    }
  }

  private async lastWord(row: RunRow): Promise<Progress> {
    const { fault } = (await this.history.readRun(row.id)) ?? {}
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

  async active(): Promise<Progress[]> {
    const own = new Map(this.board.active().map((progress) => [progress.runId, progress]))
    const pending = await this.history.pendingRuns()
    return pending
      .filter((row) => own.has(row.id) || (row.owner !== null && isAlive(row.owner)))
      .map((row) => own.get(row.id) ?? foreignProgress(row, this.now()))
  }

  async list(page: { limit: number; offset: number; search: string }): Promise<{ runs: RunSummary[]; total: number }> {
    const { runs, total } = await this.history.listRuns(page)
    return { runs: runs.map(runSummary), total }
  }

  async document(id: string): Promise<RunDocument> {
    const row = await this.full(id)
    const { history } = this
    return runDocument(
      row,
      await history.readTrials(row.id),
      await history.readHistograms(row.id),
      await history.findBaseline(row),
    )
  }

  async charts(id: string): Promise<RunCharts> {
    const row = await this.full(id)
    const { history } = this
    return runCharts(
      row,
      await history.readTrials(row.id),
      await history.readHistograms(row.id),
      await history.readSeries(row.id),
    )
  }

  async delete(id: string): Promise<{ undoUntil: string }> {
    const row = await this.find(id)
    if (row.status === 'queued' || row.status === 'running')
      throw new LabError({
        code: 'busy',
        message: `Run ${row.id} is ${row.status}.`,
        remedy: 'Cancel it first; then it can be deleted.',
      })
    const now = this.now()
    await this.history.softDelete(row.id, now.toISOString())
    return { undoUntil: new Date(now.getTime() + UNDO_MS).toISOString() }
  }

  async undelete(id: string): Promise<RunSummary> {
    const row = await this.find(id, { deleted: true })
    await this.history.undelete(row.id)
    return runSummary(row)
  }

  async tag(id: string, tags: string[]): Promise<RunSummary> {
    const row = await this.find(id)
    await this.history.changeRun(row.id, { tags: [...new Set(tags)] })
    return runSummary(await this.find(row.id))
  }

  async note(id: string, note: string): Promise<RunSummary> {
    const row = await this.find(id)
    await this.history.changeRun(row.id, { note })
    return runSummary(await this.find(row.id))
  }

  /** @throws LabError `bad_input` where no base is named and none is pinned */
  async compare(base: string | undefined, next: string[], gates: string[]): Promise<Comparison> {
    const documents: RunDocument[] = []
    for (const id of next) documents.push(await this.document(id))
    return compareRuns(await this.document(base ?? baselineOf(documents[0])), documents, gates)
  }

  async compareLanes(id: string, labels: { base?: string; new?: string }): Promise<LaneComparison> {
    return laneComparison(await this.document(id), labels)
  }

  async pin(id: string): Promise<RunSummary> {
    const row = await this.find(id)
    if (row.status !== 'done')
      throw new LabError({
        code: 'bad_input',
        field: 'id',
        message: `Run ${row.id} is ${row.status}: a baseline is a run that is done.`,
        remedy: 'Pin one that is done.',
      })
    await this.history.pinBaseline(row.id, this.now().toISOString())
    return runSummary(await this.find(row.id))
  }

  async unpin(id: string): Promise<RunSummary> {
    const row = await this.find(id)
    if (!(await this.history.unpinBaseline(row.id)))
      throw new LabError({ code: 'bad_input', field: 'id', message: `Run ${row.id} is no baseline.` })
    return runSummary(await this.find(row.id))
  }

  async trend(id: string, metric: string, label: string | undefined): Promise<Trend> {
    const document = await this.document(id)
    const lane = laneNamed(document, label)
    const { experimentHash, hostId } = document.run
    const rows = await this.history.readTrend({ experimentHash, hostId, lane, metric, limit: LONGEST_TREND })
    const runs = await this.history.countFollowed({ experimentHash, hostId })
    return trendOf({ document, lane, metric, runs, rows, baseline: document.run.baselineId })
  }

  async estimate(input: unknown, swapDirAsked: string | undefined): Promise<RunEstimate> {
    const spec = parseSpec(input)
    const host = await this.options.eyes.report(this.swapDir(swapDirAsked))
    const past: PastRun[] = []
    for (const id of await this.history.recentRunsOfHost(host.id, PAST_RUNS)) {
      const row = await this.history.readRun(id)
      if (row) past.push({ spec: row.spec, durationMs: row.durationMs ?? 0, trials: await this.history.readTrials(id) })
    }
    const { freeBytes, totalBytes } = host.device
    return estimateRun(spec, past, Math.max(0, freeBytes - freeMargin(totalBytes)))
  }

  /** `input` undefined: a calibration against the kernel. @throws LabError `bad_input`, unavailable where a kernel lane cannot run here at all */
  consent(input: unknown, swapDirAsked: string | undefined): KernelConsent {
    const spec = input === undefined ? comparisonAsLanes() : parseSpec(input)
    checkKernelLanes(spec)
    return kernelConsent(spec, { swapDir: this.swapDir(swapDirAsked), folder: this.options.dataDir })
  }

  /** Puts back what a kernel lane that was killed left changed. @throws LabError no_permission, busy, unavailable */
  restore(privileged: boolean): Promise<{ done: string[]; left: string[] }> {
    return restoreKernel({ folder: this.options.dataDir, consent: privileged })
  }

  /** @throws LabError no_permission before anything is measured, where the kernel is to be compared with and nobody was asked */
  async calibrate(input: Omit<CalibrationRequest, 'swapDir'> & { swapDir?: string }): Promise<Calibration> {
    if (input.against === 'fio' && !input.disk)
      throw new LabError({
        code: 'bad_input',
        message: 'fio measures a disk, and the disk is left out.',
        field: 'against',
        remedy: 'Leave one of the two out.',
      })
    if (input.against === 'kernel') {
      const lanes = comparisonAsLanes()
      checkKernelLanes(lanes)
      needConsent(lanes, input.privileged)
    }
    return this.calibrations.carryOut({ ...input, swapDir: this.swapDir(input.swapDir) })
  }

  async export(id: string, format: 'json' | 'csv' | 'html' | 'bundle') {
    const row = await this.full(id)
    const file = (extension: string) => `swaplab-${row.id}.${extension}`
    switch (format) {
      case 'json':
        return json(file('json'), await this.document(row.id))
      case 'csv':
        return { filename: file('csv'), mime: 'text/csv', text: reportCsv(await this.document(row.id)) }
      case 'html':
        return {
          filename: file('html'),
          mime: 'text/html',
          text: reportHtml(await this.document(row.id), specToYaml(row.spec)),
        }
      case 'bundle':
        return json(file('bundle.json'), makeBundle(row, await this.wholeTrials(row.id), this.now().toISOString()))
    }
  }

  private async wholeTrials(id: string): Promise<NewTrial[]> {
    const histograms = await this.history.readHistograms(id)
    const series = await this.history.readSeries(id)
    return (await this.history.readTrials(id)).map((trial) => {
      const own = histograms.filter((part) => part.position === trial.report.order)
      return {
        ...trial,
        histograms: Object.fromEntries(own.map((part) => [part.name, part.histogram])),
        series: series.find((part) => part.position === trial.report.order)?.samples ?? [],
      }
    })
  }

  async import(text: string): Promise<RunSummary> {
    const { run, host, spec, trials } = readBundle(text)
    const there = await this.history.findRun(run.id)
    if (there && there.deletedAt === null)
      throw new LabError({
        code: 'bad_input',
        field: 'text',
        message: `Run ${run.id} ("${there.name}") is in this history already; it was not imported again.`,
        remedy: `"swaplab show ${run.id}" shows it.`,
      })
    const importedAt = this.now().toISOString()
    const hash = experimentHash(spec)
    const { id, name, startedAt, version, warnings, trialsTotal, endedAt, durationMs, fault, ...rest } = run
    await this.history.rememberHost(host)
    await this.history.rememberExperiment({ hash, spec, createdAt: importedAt })
    await this.history.importRun({
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
    await this.history.changeRun(id, { headline: (await this.document(id)).verdicts[0]?.sentence ?? null })
    return runSummary(await this.find(id))
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

const json = (filename: string, value: unknown) => ({
  filename,
  mime: 'application/json',
  text: `${JSON.stringify(value, null, 2)}\n`,
})

async function* once<T>(value: T): AsyncGenerator<T, void, void> {
  yield value
}

/** Sorts by time, can be read aloud, and does not collide: 20260102-030405-3fa9c1. */
function newRunId(startedAt: string): string {
  const digits = startedAt.replaceAll(/[-:]/g, '')
  return `${digits.slice(0, 8)}-${digits.slice(9, 15)}-${randomBytes(3).toString('hex')}`
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
