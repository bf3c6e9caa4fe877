import { native } from '../../../native-bench/index.ts'
import { type Calibration, LabError } from '../../contract/index.ts'
import { createSwapfile, type Swapfile, sweepLeftovers } from '../../swapfile/index.ts'
import { diskCpu } from '../measure/cpu.ts'
import { LOOKS } from './beside-fio.ts'
import { collectTurns } from './collect-turns.ts'
import { DriveSeat, psyncDrives, uringDrives } from './drives.ts'
import { fioVersion } from './fio.ts'
import { withHeartbeat } from './heartbeat.ts'
import { RowTurns } from './row-turns.ts'

/**
 * What the disk itself can do, by the same calls as the engine's, beside fio in turns. Both are pinned to one CPU. Turns are
 * short and interleaved, because the speed of a host drifts over seconds, and rows that are unclear get more of them.
 */

type DiskRow = Calibration['disk'][number]
type Skipped = Calibration['skipped']

const SLOTS = 32_768 // 128 MiB: more than the on-disk cache that a random read could hit by luck, and quick to write through
/** Of each side of a row, one after the other, and how often from look to look. */
const TURNS = 10
const ROUNDS = 3
/** Turns for a second or later look begin up to then. */
const LIMIT_MS = 30 * 60_000

export interface DiskCalibrationOptions {
  swapDir: string
  /** Names the file. */
  runId: string
  signal?: AbortSignal
  tell?: (step: string) => void
  /** For tests: smaller and quicker. */
  slots?: number
  turns?: number
  rounds?: number
  turnMs?: number
  limitMs?: number
  /** beside: where there is one (the default); must: or an error; never: even if there is one. */
  fio?: 'beside' | 'must' | 'never'
}

/**
 * Makes a swap file in the directory, measures, and removes it. Leaves this process pinned to one CPU. Takes about 40 s, and
 * five to thirty minutes beside fio, and writes about 5 GiB, and as much again beside fio. Where direct I/O is refused there are no rows, and the reason.
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
    const seat = new DriveSeat(this.swapfile)
    try {
      const probe = native.uringProbe()
      if (!probe.available)
        this.skipped.push({ what: 'disk: io_uring', reason: probe.reason ?? 'io_uring is not available' })
      const drives = [...psyncDrives(seat), ...(probe.available ? uringDrives(seat) : [])]
      const names = drives.map(
        ({ row: { io, op, queueDepth, blockBytes } }) =>
          `${io} ${op} of ${blockBytes / 1024} KiB, queue depth ${queueDepth}`,
      )
      const rows = drives.map(
        (drive, at) =>
          new RowTurns(drive, {
            seat,
            cpu,
            withFio,
            signal: this.options.signal,
            turnMs: this.options.turnMs,
            onFioFault: (reason) => this.skipped.push({ what: `disk: fio beside ${names[at]}`, reason }),
          }),
      )
      const { turns = TURNS, rounds = ROUNDS, limitMs = LIMIT_MS } = this.options
      const limits = { turns, rounds, looks: LOOKS, ms: limitMs, now: () => performance.now() }
      const ends = await collectTurns(rows, limits, ({ look, round, row, at, of }) => {
        const which = `round ${round + 1} of ${rounds}, ${at + 1} of ${of}: ${names[row]}`
        const unclear =
          look > 0 ? `, unclear beside fio after ${look * rounds * turns} turns` : withFio ? ', beside fio' : ''
        this.options.tell?.(`Disk${unclear}, ${which}`)
      })
      return rows.map((row, at) => row.result(ends[at]))
    } finally {
      seat.close()
    }
  }
}
