import { setImmediate } from 'node:timers/promises'
import { native } from '../../../native-bench/index.ts'
import { type Calibration, LabError, PAGE_SIZE } from '../../contract/index.ts'
import { createSwapfile, type Swapfile, sweepLeftovers } from '../../swapfile/index.ts'
import { diskCpu } from '../measure/cpu.ts'
import { type HistogramData, mergeHistograms, percentile } from '../measure/histogram.ts'
import { type Drive, DriveSeat, psyncDrives, uringDrives } from './drives.ts'
import { type FioJob, type FioResult, fioVersion, runFio } from './fio.ts'

/**
 * What the disk itself can do, by the same calls as the engine's, beside fio in turns. Both are pinned to one CPU. Rounds are
 * short and interleaved, because the speed of a host drifts over seconds.
 */

type DiskRow = Calibration['disk'][number]
type Skipped = Calibration['skipped']

const SLOTS = 32_768 // 128 MiB: more than the on-disk cache that a random read could hit by luck, and quick to write through
const ROUNDS = 25
const ROUND_NS = 0.06e9
/** Operations in a round: with ROUNDS, at least the 1000 that a p99 needs. */
const MIN_OPERATIONS = 40
const MAX_OPERATIONS = 3000
/** Operations larger than a page: no more than a p99 needs, since each row of 1 MiB writes a GiB so. */
const EXTENT_OPERATIONS = 40
const WARM_OPERATIONS = 64

export interface DiskCalibrationOptions {
  swapDir: string
  /** Names the file. */
  runId: string
  signal?: AbortSignal
  tell?: (step: string) => void
  /** For tests: smaller and quicker. */
  slots?: number
  rounds?: number
  maxOperations?: number
  /** beside: where there is one (the default); must: or an error; never: even if there is one. */
  fio?: 'beside' | 'must' | 'never'
}

/**
 * Makes a swap file in the directory, measures, and removes it. Leaves this process pinned to one CPU. Takes about 20 s, and
 * two minutes beside fio, and writes about 2.5 GiB, and as much again beside fio. Where direct I/O is refused there are no rows, and the reason.
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

interface Round {
  parts: HistogramData[]
  perSecond: number
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
        this.options.tell?.(`Disk ${at + 1} of ${drives.length}: ${row}${fio === null ? '' : ', beside fio'}`)
        disk.push(await this.measure(drive, fio !== null, cpu))
      }
      return { disk, skipped: this.skipped }
    } finally {
      seat.close()
    }
  }

  private async measure(drive: Drive, withFio: boolean, cpu: number | null): Promise<DiskRow> {
    const { swapfile, options } = this
    const start = native.now()
    drive.carryOut(WARM_OPERATIONS)
    const wanted = Math.round((ROUND_NS * WARM_OPERATIONS) / (native.now() - start))
    const most = drive.row.blockBytes > PAGE_SIZE ? EXTENT_OPERATIONS : MAX_OPERATIONS
    const operations = Math.min(Math.max(wanted, MIN_OPERATIONS), options.maxOperations ?? most, most)
    drive.carryOut(operations)
    const { io, op, queueDepth, blockBytes } = drive.row
    const row = `${io} ${op} of ${blockBytes / 1024} KiB, queue depth ${queueDepth}`
    const what = `disk: fio beside ${row}`

    const whole: HistogramData[] = []
    const ours: Round[] = []
    const theirs: FioResult[] = []
    const runOurs = () => {
      const start = native.now()
      const [all, ...parts] = drive.carryOut(operations)
      const seconds = (native.now() - start) / 1e9
      whole.push(all.toData())
      ours.push({
        parts: (parts.length > 0 ? parts : [all]).map((part) => part.toData()),
        perSecond: (operations * drive.blocks) / seconds,
      })
    }
    let job: FioJob | null = withFio ? drive.fio : null
    for (let round = 0; round < (options.rounds ?? ROUNDS); round++) {
      await setImmediate() // a cancel comes in as a message
      if (options.signal?.aborted) throw new LabError({ code: 'cancelled', message: 'The calibration was cancelled.' })
      // Who goes first alternates: the one after a pause meets a cold CPU.
      if (round % 2 === 0) runOurs()
      if (job !== null) {
        try {
          const place = {
            path: swapfile.path,
            slots: swapfile.slots,
            operations: operations * drive.blocks,
            direct: swapfile.direct,
            cpu,
          }
          theirs.push(await runFio(job, { ...place, signal: options.signal }))
        } catch (error) {
          if (options.signal?.aborted)
            throw new LabError({ code: 'cancelled', message: 'The calibration was cancelled.' })
          this.skipped.push({ what, reason: error instanceof Error ? error.message.split('\n')[0] : String(error) })
          job = null
        }
      }
      if (round % 2 === 1) runOurs()
    }
    const merged = mergeHistograms(whole)
    const vsFio = job === null ? null : compare(ours, theirs)
    return {
      ...drive.row,
      p50Ns: percentile(merged, 0.5) ?? Number.NaN,
      p99Ns: percentile(merged, 0.99) ?? merged.max,
      perSecond: median(ours.map((round) => round.perSecond)),
      ...(vsFio !== null && { vsFio }),
    }
  }
}

/**
 * Ours over fio's: percentiles of all rounds together, the rate by the median of the rounds. Where write and sync are two calls, the sums of their
 * percentiles are compared.
 */
function compare(ours: Round[], theirs: FioResult[]): NonNullable<DiskRow['vsFio']> {
  const of = (rounds: Round[], quantile: number) =>
    rounds[0].parts.reduce((total, _, part) => {
      const merged = mergeHistograms(rounds.map((round) => round.parts[part]))
      return total + (percentile(merged, quantile) ?? merged.max)
    }, 0)
  return {
    p50: of(ours, 0.5) / of(theirs, 0.5),
    p99: of(ours, 0.99) / of(theirs, 0.99),
    perSecond: median(ours.map((round, i) => round.perSecond / theirs[i].perSecond)),
  }
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}
