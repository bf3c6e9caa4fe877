import { setImmediate, setTimeout } from 'node:timers/promises'
import { native } from '../../../native-bench/index.ts'
import { type Calibration, LabError, PAGE_SIZE } from '../../contract/index.ts'
import { createSwapfile, type Swapfile, sweepLeftovers } from '../../swapfile/index.ts'
import { diskCpu } from '../measure/cpu.ts'
import { type HistogramData, mergeHistograms, percentile } from '../measure/histogram.ts'
import { besideFio, type TurnResult } from './beside-fio.ts'
import { type Drive, DriveSeat, psyncDrives, uringDrives } from './drives.ts'
import { type FioJob, fioVersion, runFio } from './fio.ts'
import { withHeartbeat } from './heartbeat.ts'

/**
 * What the disk itself can do, by the same calls as the engine's, beside fio in turns. Both are pinned to one CPU. Turns are
 * short and interleaved, because the speed of a host drifts over seconds.
 */

type DiskRow = Calibration['disk'][number]
type Skipped = Calibration['skipped']

const SLOTS = 32_768 // 128 MiB: more than the on-disk cache that a random read could hit by luck, and quick to write through
/** Of each row. */
const TURNS = 25
/** Where the comparison with fio is unclear after them, as many again, so often. */
const AGAIN = 2
/** Left out at the head of each turn of both: fio's process has just begun, the lab comes from waiting for it. */
const RAMP_MS = 10
const TURN_MS = 100
/** Of extents that are written, which may be 10 MiB every 10 ms: a disk whose host lends it a burst pays it back in the next turns. */
const EXTENT_WRITE = { rampMs: 2, ms: 15 }
/** Before the first turn of ours, and at most: as fio's process takes to begin and to end. */
const REST_MS = { first: 200, most: 500 }
/** Operations in a turn: with TURNS, the 1000 that a p99 needs. */
const MIN_OPERATIONS = 40
const WARM_NS = 20e6

export interface DiskCalibrationOptions {
  swapDir: string
  /** Names the file. */
  runId: string
  signal?: AbortSignal
  tell?: (step: string) => void
  /** For tests: smaller and quicker. */
  slots?: number
  turns?: number
  turnMs?: number
  /** beside: where there is one (the default); must: or an error; never: even if there is one. */
  fio?: 'beside' | 'must' | 'never'
}

/**
 * Makes a swap file in the directory, measures, and removes it. Leaves this process pinned to one CPU. Takes about 40 s, and
 * five to fifteen minutes beside fio, and writes about 5 GiB, and as much again beside fio. Where direct I/O is refused there are no rows, and the reason.
 * @throws LabError of createSwapfile; cancelled; unavailable where fio must be there and is not
 */
export async function calibrateDisk(options: DiskCalibrationOptions): Promise<{ disk: DiskRow[]; skipped: Skipped }> {
  sweepLeftovers(options.swapDir)
  let swapfile: Swapfile
  try {
    swapfile = await createSwapfile({
      directory: options.swapDir,
      slots: options.slots ?? SLOTS,
      runId: options.runId,
      signal: options.signal,
    })
  } catch (error) {
    // Buffered figures would be the page cache's; the rest of a calibration is still worth having.
    if (error instanceof LabError && error.code === 'no_direct_io')
      return { disk: [], skipped: [{ what: 'disk', reason: error.message }] }
    throw error
  }
  try {
    return await new DiskCalibration(swapfile, options).run()
  } finally {
    swapfile.close()
  }
}

class DiskCalibration {
  private readonly swapfile: Swapfile
  private readonly options: DiskCalibrationOptions
  private readonly skipped: Skipped = []

  constructor(swapfile: Swapfile, options: DiskCalibrationOptions) {
    this.swapfile = swapfile
    this.options = options
  }

  async run(): Promise<{ disk: DiskRow[]; skipped: Skipped }> {
    const cpu = diskCpu()
    const wanted = this.options.fio ?? 'beside'
    const fio = wanted === 'never' ? null : await fioVersion()
    if (fio === null && wanted === 'must')
      throw new LabError({
        code: 'unavailable',
        message: 'fio is not in PATH, so nothing can be calibrated against it.',
        remedy: 'Install it (Debian: apt-get install fio), or calibrate without.',
        field: 'against',
      })
    if (fio === null)
      this.skipped.push({
        what: 'disk: comparison with fio',
        reason: wanted === 'never' ? 'not asked for' : 'fio is not in PATH (Debian: apt-get install fio)',
      })
    if (cpu !== null) native.pinCpu(cpu)
    return { disk: await withHeartbeat(() => this.rows(fio !== null, cpu)), skipped: this.skipped }
  }

  private async rows(withFio: boolean, cpu: number | null): Promise<DiskRow[]> {
    const disk: DiskRow[] = []
    const seat = new DriveSeat(this.swapfile)
    try {
      const probe = native.uringProbe()
      if (!probe.available)
        this.skipped.push({ what: 'disk: io_uring', reason: probe.reason ?? 'io_uring is not available' })
      const drives = [...psyncDrives(seat), ...(probe.available ? uringDrives(seat) : [])]
      for (const [at, drive] of drives.entries()) {
        const { io, op, queueDepth, blockBytes } = drive.row
        const row = `${io} ${op} of ${blockBytes / 1024} KiB, queue depth ${queueDepth}`
        this.options.tell?.(`Disk ${at + 1} of ${drives.length}: ${row}${withFio ? ', beside fio' : ''}`)
        disk.push(await this.measure(drive, row, withFio, cpu))
      }
      return disk
    } finally {
      seat.close()
    }
  }

  private async measure(drive: Drive, what: string, withFio: boolean, cpu: number | null): Promise<DiskRow> {
    const { swapfile, options } = this
    const { op, blockBytes } = drive.row
    const warm = drive.carryOut({ rampNs: WARM_NS, ns: WARM_NS })
    const least = (MIN_OPERATIONS * warm.ns) / warm.operations / 1e6
    const writesExtents = op !== 'read' && blockBytes > PAGE_SIZE
    const usual = writesExtents ? EXTENT_WRITE : { rampMs: RAMP_MS, ms: TURN_MS }
    const { rampMs } = usual
    const ms = options.turnMs ?? Math.ceil(Math.max(least, usual.ms))

    const whole: HistogramData[] = []
    const ours: TurnResult[] = []
    const theirs: TurnResult[] = []
    let restMs = REST_MS.first
    const runOurs = async () => {
      // As long as the disk rests while fio begins: what comes right after other I/O meets a longer tail and, after large writes, a throttled disk.
      if (job !== null) await setTimeout(restMs)
      const { histograms, operations, ns } = drive.carryOut({ rampNs: rampMs * 1e6, ns: ms * 1e6 })
      const [all, ...parts] = histograms.map((histogram) => histogram.toData())
      whole.push(all)
      ours.push({
        parts: parts.length > 0 ? parts : [all],
        perSecond: (operations * drive.blocks) / (ns / 1e9),
      })
    }
    let job: FioJob | null = withFio ? drive.fio : null
    const planned = options.turns ?? TURNS
    let vsFio: DiskRow['vsFio']
    for (let turn = 0, until = planned; turn < until; turn++) {
      await setImmediate() // a cancel comes in as a message
      if (options.signal?.aborted) throw new LabError({ code: 'cancelled', message: 'The calibration was cancelled.' })
      // Who goes first alternates: the one after a pause meets a cold CPU.
      if (turn % 2 === 0) await runOurs()
      if (job !== null) {
        try {
          const { path, slots, direct } = swapfile
          const start = native.now()
          theirs.push(await runFio(job, { path, slots, direct, cpu, rampMs, ms, signal: options.signal }))
          restMs = Math.min((native.now() - start) / 1e6 - rampMs - ms, REST_MS.most)
        } catch (error) {
          if (options.signal?.aborted)
            throw new LabError({ code: 'cancelled', message: 'The calibration was cancelled.' })
          this.skipped.push({ what: `disk: fio beside ${what}`, reason: faultLine(error) })
          job = null
        }
      }
      if (turn % 2 === 1) await runOurs()
      if (job === null || turn + 1 < until) continue
      vsFio = besideFio(ours, theirs)
      if (vsFio.judged?.verdict === 'unclear' && until <= AGAIN * planned) until += planned
    }
    const merged = mergeHistograms(whole)
    return {
      ...drive.row,
      p50Ns: percentile(merged, 0.5) ?? Number.NaN,
      p99Ns: percentile(merged, 0.99) ?? merged.max,
      perSecond: median(ours.map((turn) => turn.perSecond)),
      ...(job !== null && { vsFio }),
    }
  }
}

const faultLine = (error: unknown) => (error instanceof Error ? error.message.split('\n')[0] : String(error))

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
