import { setImmediate, setTimeout } from 'node:timers/promises'
import { native } from '../../../native-bench/index.ts'
import { type Calibration, type FioComparison, type FioVerdict, LabError, PAGE_SIZE } from '../../contract/index.ts'
import type { Swapfile } from '../../swapfile/index.ts'
import { type HistogramData, mergeHistograms, percentile, quantileOf } from '../measure/histogram.ts'
import { median } from '../measure/median.ts'
import { besideFio, type TurnResult } from './beside-fio.ts'
import type { Ended, Row } from './collect-turns.ts'
import type { Drive, DriveSeat } from './drives.ts'
import { type FioJob, runFio } from './fio.ts'

/** The turns of one way to drive the disk: ours, and fio's beside them. */

type DiskRow = Calibration['disk'][number]

/** Left out at the head of each turn of both: fio's process has just begun, the lab comes from waiting for it. */
const RAMP_MS = 10
const TURN_MS = 100
/** Of extents that are written, which may be 10 MiB every 10 ms: a disk whose host lends it a burst pays it back in the next turns. */
const EXTENT_WRITE = { rampMs: 2, ms: 15 }
/** Before the first turn of ours, and at most: as fio's process takes to begin and to end. */
const REST_MS = { first: 200, most: 500 }
/** Operations in a turn: with the turns up to the first look, the 1000 that a p99 needs. */
const MIN_OPERATIONS = 40
const WARM_NS = 20e6

export interface Seating {
  seat: Pick<DriveSeat, 'begin'> & { readonly swapfile: Pick<Swapfile, 'path' | 'slots' | 'direct'> }
  cpu: number | null
  withFio: boolean
  signal?: AbortSignal
  /** At least, for tests. */
  turnMs?: number
  /** fio failed, and why: the row goes on without it. */
  onFioFault: (reason: string) => void
}

export class RowTurns implements Row {
  private readonly drive: Drive
  private readonly seating: Seating
  private readonly rampMs: number
  private readonly leastMs: number
  private ms: number | null = null
  private fio: FioJob | null
  private restMs = REST_MS.first
  private readonly whole: HistogramData[] = []
  private readonly ours: TurnResult[] = []
  private readonly theirs: TurnResult[] = []
  private comparison: FioComparison | undefined

  constructor(drive: Drive, seating: Seating) {
    this.drive = drive
    this.seating = seating
    this.fio = seating.withFio ? drive.fio : null
    const writesExtents = drive.row.op !== 'read' && drive.row.blockBytes > PAGE_SIZE
    const usual = writesExtents ? EXTENT_WRITE : { rampMs: RAMP_MS, ms: TURN_MS }
    this.rampMs = usual.rampMs
    this.leastMs = seating.turnMs ?? usual.ms
  }

  /** @throws LabError cancelled */
  async take(turns: number): Promise<void> {
    const warm = this.drive.carryOut({ rampNs: WARM_NS, ns: WARM_NS })
    this.ms ??= Math.ceil(Math.max((MIN_OPERATIONS * warm.ns) / warm.operations / 1e6, this.leastMs))
    for (let turn = 0; turn < turns; turn++) {
      await setImmediate() // a cancel comes in as a message
      this.heedCancel()
      // Who goes first alternates: the one after a pause meets a cold CPU.
      const first = this.ours.length % 2 === 0
      if (first) await this.takeOurs(this.ms)
      await this.takeFio(this.ms)
      if (!first) await this.takeOurs(this.ms)
    }
  }

  look(): FioVerdict | null {
    if (this.fio === null) return null
    this.comparison = besideFio(this.ours, this.theirs)
    return this.comparison.judged?.verdict ?? null
  }

  /** Of all turns; beside fio as of the last look, and why that was the last. */
  result(ended: Ended | null): DiskRow {
    const { fio, comparison } = this
    const judged = comparison?.judged && { ...comparison.judged, ...ended }
    const merged = mergeHistograms(this.whole)
    return {
      ...this.drive.row,
      // Of a disk that stalled through its turns there may be few: no reason to lose the other rows.
      p50Ns: quantileOf(merged, 0.5),
      p99Ns: percentile(merged, 0.99) ?? merged.max,
      perSecond: median(this.ours.map((turn) => turn.perSecond)),
      ...(fio !== null && comparison && { vsFio: { ...comparison, judged } }),
    }
  }

  private async takeOurs(ms: number): Promise<void> {
    this.seating.seat.begin()
    // As long as the disk rests while fio begins: what comes right after other I/O meets a longer tail and, after large writes, a throttled disk.
    if (this.fio !== null) await setTimeout(this.restMs)
    const { histograms, operations, ns } = this.drive.carryOut({ rampNs: this.rampMs * 1e6, ns: ms * 1e6 })
    const [all, ...parts] = histograms.map((histogram) => histogram.toData())
    this.whole.push(all)
    this.ours.push({
      parts: parts.length > 0 ? parts : [all],
      perSecond: (operations * this.drive.blocks) / (ns / 1e9),
    })
  }

  private async takeFio(ms: number): Promise<void> {
    const { fio, rampMs } = this
    if (fio === null) return
    const { seat, cpu, signal, onFioFault } = this.seating
    const { path, slots, direct } = seat.swapfile
    try {
      const start = native.now()
      this.theirs.push(await runFio(fio, { path, slots, direct, cpu, rampMs, ms, signal }))
      this.restMs = Math.min((native.now() - start) / 1e6 - rampMs - ms, REST_MS.most)
    } catch (error) {
      this.heedCancel()
      onFioFault(error instanceof Error ? error.message.split('\n')[0] : String(error))
      this.fio = null
    }
  }

  private heedCancel(): void {
    if (this.seating.signal?.aborted)
      throw new LabError({ code: 'cancelled', message: 'The calibration was cancelled.' })
  }
}
