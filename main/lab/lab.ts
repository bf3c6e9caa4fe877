import { type History, openHistory } from '../../db/index.ts'
import {
  checkKernelLanes,
  comparisonAsLanes,
  freeMargin,
  kernelConsent,
  needConsent,
  restoreKernel,
} from '../bench/index.ts'
import {
  type Calibration,
  faultOf,
  type KernelConsent,
  LabError,
  parseSpec,
  type RunEstimate,
} from '../contract/index.ts'
import { type CalibrationRequest, Calibrations } from './calibration.ts'
import { RunFiles } from './files/run-files.ts'
import type { HostEyes } from './host/eyes.ts'
import { swapDirectory } from './host/swap-directory.ts'
import { warningsOfCheck } from './host/warnings.ts'
import { Comparisons } from './judging/comparisons.ts'
import { Reports } from './report/reports.ts'
import type { EngineProcess, EngineWishes } from './runs/engine-process.ts'
import { endLeftBehind } from './runs/left-behind.ts'
import { isAlive, thisOwner } from './runs/owner.ts'
import { ProgressBoard } from './runs/progress-board.ts'
import { RunQueue } from './runs/queue.ts'
import { RunControl } from './runs/run-control.ts'
import { RunRecords } from './runs/run-records.ts'
import { RunWatch } from './runs/run-watch.ts'
import { estimateRun, type PastRun } from './specifications/estimate.ts'
import { SweepRecords } from './sweeps/sweep-records.ts'
import { Sweeper } from './sweeps/sweeper.ts'

/** Past runs an estimate looks at. */
const PAST_RUNS = 20

export interface LabOptions {
  /** Folder of the history; made where it is missing. */
  dataDir: string
  startEngine: (wishes?: EngineWishes) => EngineProcess
  door: 'electron' | 'web' | 'cli'
  version: string
  eyes: HostEyes
  lookOnly?: boolean
  cancelGraceMs?: number
  now?: () => Date
}

/** The lab itself: the parts that answer the contract, over one history. The router only carries it. */
export class LabCore {
  readonly options: LabOptions
  readonly records: RunRecords
  readonly reports: Reports
  readonly comparisons: Comparisons
  readonly files: RunFiles
  readonly control: RunControl
  readonly watch: RunWatch
  readonly calibrations: Calibrations
  readonly sweeps: SweepRecords
  readonly sweeper: Sweeper
  private readonly history: History
  private readonly queue: RunQueue
  /** Kernel settings put back when this lab began, until somebody asks. */
  private putBack: string[]

  private constructor(options: LabOptions, history: History, putBack: string[]) {
    const { dataDir, startEngine, version, eyes, cancelGraceMs } = options
    const now = options.now ?? (() => new Date())
    const owner = thisOwner()
    const board = new ProgressBoard()
    this.options = options
    this.history = history
    this.putBack = putBack
    this.records = new RunRecords(history, now)
    const { records } = this
    this.reports = new Reports(history, records)
    const { reports } = this
    this.comparisons = new Comparisons({ history, records, reports, now })
    this.files = new RunFiles({ history, records, reports, now })
    this.queue = new RunQueue({
      history,
      board,
      owner,
      dataDir,
      startEngine,
      captureSelf: eyes.captureSelf,
      cancelGraceMs,
      warningsNow: async (swapDir) => warningsOfCheck(await eyes.check(swapDir)),
      headline: (id) => reports.headline(id),
    })
    this.control = new RunControl({
      history,
      records,
      queue: this.queue,
      startEngine,
      owner,
      eyes,
      dataDir,
      version,
      now,
    })
    this.watch = new RunWatch({ history, records, board, now })
    this.calibrations = new Calibrations({ history, owner, eyes, startEngine, dataDir })
    this.sweeps = new SweepRecords(history, now)
    this.sweeper = new Sweeper({ history, records: this.sweeps, owner, eyes, startEngine, dataDir, version, now })
  }

  /** Opens the history, ends what a dead process left under way, and removes for good what was deleted long enough ago. */
  static async open(options: LabOptions): Promise<LabCore> {
    const { lookOnly } = options
    const history = await openHistory(options.dataDir, {
      lookOnly,
      onSlowQuery: (sql, ms) => console.error(`slow query, ${ms.toFixed(0)} ms: ${sql}`),
      isAlive,
      onMigrate: () =>
        console.error('The history is of an older version: a large one takes a while to be brought into the new form.'),
    })
    try {
      if (history.readOnly !== null) {
        if (!lookOnly) console.error(`The history ${history.file} can only be read: ${history.readOnly}.`)
        return new LabCore(options, history, [])
      }
      const lab = new LabCore(options, history, await endLeftBehind(history, options.dataDir))
      await lab.records.purgeDeleted()
      await lab.sweeps.purgeDeleted()
      await giveBackRoom(history)
      return lab
    } catch (error) {
      await history.close()
      throw error
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.queue.close(), this.calibrations.close(), this.sweeper.close()])
    await this.history.close()
  }

  /** @throws LabError `bad_input`, field `swapDir` */
  swapDir(asked: string | undefined): string {
    return swapDirectory(asked, this.options.dataDir)
  }

  /** @throws LabError `bad_input` */
  async estimate(input: unknown, swapDirAsked: string | undefined): Promise<RunEstimate> {
    const { history } = this
    const spec = parseSpec(input)
    const host = await this.options.eyes.report(this.swapDir(swapDirAsked))
    const past: PastRun[] = []
    for (const id of await history.recentRunsOfHost(host.id, PAST_RUNS)) {
      const row = await history.readRun(id)
      if (row) past.push({ spec: row.spec, durationMs: row.durationMs ?? 0, trials: await history.readTrials(id) })
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

  /** Puts back what a kernel lane that was killed left changed, or did so when this lab began. @throws LabError no_permission, busy, unavailable */
  async restore(privileged: boolean): Promise<{ done: string[]; left: string[] }> {
    const { done, left } = await restoreKernel({ folder: this.options.dataDir, consent: privileged })
    const before = this.putBack
    this.putBack = []
    return { done: [...before, ...done], left }
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
}

/** Not while somebody measures: the disk has much to write. Where it cannot be done now, it is at a later start. */
async function giveBackRoom(history: History): Promise<void> {
  const holder = await history.whoMeasures()
  if (holder && isAlive(holder.owner)) return
  try {
    const bytes = history.giveBackRoom()
    if (bytes > 0) console.error(`The history gave ${(bytes / 1e6).toFixed(0)} MB back to its disk.`)
  } catch (error) {
    console.error(`The history keeps its free room for now: ${faultOf(error).message}`)
  }
}
