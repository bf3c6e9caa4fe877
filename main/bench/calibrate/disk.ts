import { setImmediate } from 'node:timers/promises'
import { Arena, native } from '../../../native-bench/index.ts'
import { type Calibration, LabError, PAGE_SIZE } from '../../contract/index.ts'
import { createSwapfile, type Swapfile, sweepLeftovers } from '../../swapfile/index.ts'
import { Histogram, type HistogramData, mergeHistograms, percentile } from '../measure/histogram.ts'
import { Random } from '../workloads/index.ts'
import { diskCpu } from './cpu.ts'
import { type FioJob, type FioResult, fioVersion, runFio } from './fio.ts'

/**
 * What the disk itself can do: 4 KiB at random places of a swap file, by the same calls as the engine's, beside fio in turns.
 * Both are pinned to one CPU. Rounds are short and interleaved, because the speed of a host drifts over seconds.
 */

type DiskRow = Calibration['disk'][number]
type Skipped = Calibration['skipped']

const SLOTS = 32_768 // 128 MiB: more than the on-disk cache that a random read could hit by luck, and quick to write through
const ROUNDS = 9
const ROUND_NS = 0.12e9
/** Operations in a round: with ROUNDS, at least the 1000 that a p99 needs. */
const MIN_OPERATIONS = 200
const MAX_OPERATIONS = 3000
const WARM_OPERATIONS = 64
const BATCH = 32
const ROW = 4

export interface DiskCalibrationOptions {
  swapDir: string
  /** Names the file. */
  runId: string
  signal?: AbortSignal
  /** For tests: smaller and quicker. */
  slots?: number
  rounds?: number
  maxOperations?: number
  /** Where fio should not run even if it is there. */
  withoutFio?: boolean
}

/**
 * Makes a swap file in the directory, measures, and removes it. Leaves this process pinned to one CPU. Takes about 10 s, and
 * 45 s beside fio. Where direct I/O is refused there are no rows, and the reason.
 * @throws LabError of createSwapfile; cancelled
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
  const arena = new Arena(BATCH)
  try {
    fillRandom(arena.bytes)
    return await new DiskCalibration(swapfile, arena, options).run()
  } finally {
    arena.release()
    swapfile.close()
  }
}

/** One way to drive the disk. `carryOut` returns its histograms: the whole, then the parts that fio can be asked for. */
interface Drive {
  row: Pick<DiskRow, 'op' | 'io' | 'queueDepth' | 'sync'>
  fio: FioJob | null
  /** Why fio has no such thing. */
  noFio?: string
  /** Pages a call to carryOut moves for each operation. */
  pages: number
  carryOut(operations: number): Histogram[]
}

interface Round {
  parts: { p50: number; p99: number }[]
  perSecond: number
}

class DiskCalibration {
  private readonly swapfile: Swapfile
  private readonly arena: Arena
  private readonly options: DiskCalibrationOptions
  private readonly random = new Random(42)
  private readonly rows = new Float64Array(ROW * 2 * BATCH)
  private readonly skipped: Skipped = []

  constructor(swapfile: Swapfile, arena: Arena, options: DiskCalibrationOptions) {
    this.swapfile = swapfile
    this.arena = arena
    this.options = options
  }

  async run(): Promise<{ disk: DiskRow[]; skipped: Skipped }> {
    const cpu = diskCpu()
    const fio = this.options.withoutFio ? null : await fioVersion()
    if (fio === null)
      this.skipped.push({
        what: 'disk: comparison with fio',
        reason: this.options.withoutFio ? 'not asked for' : 'fio is not in PATH (Debian: apt-get install fio)',
      })
    if (cpu !== null) native.pinCpu(cpu)
    const disk: DiskRow[] = []
    for (const drive of this.psyncDrives()) disk.push(await this.measure(drive, fio !== null, cpu))
    const probe = native.uringProbe()
    if (!probe.available) {
      this.skipped.push({ what: 'disk: io_uring', reason: probe.reason ?? 'io_uring is not available' })
      return { disk, skipped: this.skipped }
    }
    const ring = native.uringOpen(this.swapfile.file, 2 * BATCH, [this.arena.id])
    try {
      for (const drive of this.uringDrives(ring)) disk.push(await this.measure(drive, fio !== null, cpu))
    } finally {
      native.uringClose(ring)
    }
    return { disk, skipped: this.skipped }
  }

  private async measure(drive: Drive, withFio: boolean, cpu: number | null): Promise<DiskRow> {
    const { swapfile, options } = this
    const start = native.now()
    drive.carryOut(WARM_OPERATIONS)
    const wanted = Math.round((ROUND_NS * WARM_OPERATIONS) / (native.now() - start))
    const operations = Math.min(Math.max(wanted, MIN_OPERATIONS), options.maxOperations ?? MAX_OPERATIONS)
    const what = `disk: fio beside ${drive.row.io} ${drive.row.op}, queue depth ${drive.row.queueDepth}`
    if (withFio && drive.fio === null && drive.noFio) this.skipped.push({ what, reason: drive.noFio })

    const whole: HistogramData[] = []
    const ours: Round[] = []
    const theirs: FioResult[] = []
    const runOurs = () => {
      const start = native.now()
      const [all, ...parts] = drive.carryOut(operations)
      const seconds = (native.now() - start) / 1e9
      whole.push(all.toData())
      ours.push({
        parts: (parts.length > 0 ? parts : [all]).map(quantiles),
        perSecond: (operations * drive.pages) / seconds,
      })
    }
    let job = withFio ? drive.fio : null
    for (let round = 0; round < (options.rounds ?? ROUNDS); round++) {
      await setImmediate() // a cancel comes in as a message
      if (options.signal?.aborted) throw new LabError({ code: 'cancelled', message: 'The calibration was cancelled.' })
      // Who goes first alternates: the one after a pause meets a cold CPU.
      if (round % 2 === 0) runOurs()
      if (job !== null) {
        try {
          const place = { path: swapfile.path, slots: swapfile.slots, operations, direct: swapfile.direct, cpu }
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
      blockBytes: PAGE_SIZE,
      p50Ns: percentile(merged, 0.5) ?? Number.NaN,
      p99Ns: percentile(merged, 0.99) ?? merged.max,
      perSecond: median(ours.map((round) => round.perSecond)),
      ...(vsFio !== null && { vsFio }),
    }
  }

  /** A page of the file behind its header. */
  private place(): number {
    return 1 + this.random.below(this.swapfile.slots)
  }

  private psyncDrives(): Drive[] {
    const { file } = this.swapfile
    const arena = this.arena.id
    const { fileRead, fileWrite, fileDatasync } = native
    const base = { io: 'psync', queueDepth: 1 } as const
    const fio = { engine: 'psync', queueDepth: 1, datasync: false } as const
    return [
      {
        row: { ...base, op: 'read', sync: 'none' },
        fio: { ...fio, rw: 'randread' },
        pages: 1,
        carryOut: (operations) => {
          const whole = new Histogram()
          for (let i = 0; i < operations; i++) whole.record(fileRead(file, arena, i % BATCH, 1, this.place()))
          return [whole]
        },
      },
      {
        row: { ...base, op: 'write', sync: 'none' },
        fio: { ...fio, rw: 'randwrite' },
        pages: 1,
        carryOut: (operations) => {
          const whole = new Histogram()
          for (let i = 0; i < operations; i++) whole.record(fileWrite(file, arena, i % BATCH, 1, this.place()))
          return [whole]
        },
      },
      {
        row: { ...base, op: 'write+fdatasync', sync: 'fdatasync' },
        fio: { ...fio, rw: 'randwrite', datasync: true },
        pages: 1,
        carryOut: (operations) => {
          const whole = new Histogram()
          const writes = new Histogram()
          const syncs = new Histogram()
          for (let i = 0; i < operations; i++) {
            const write = fileWrite(file, arena, i % BATCH, 1, this.place())
            const sync = fileDatasync(file)
            writes.record(write)
            syncs.record(sync)
            whole.record(write + sync)
          }
          return [whole, writes, syncs]
        },
      },
    ]
  }

  private uringDrives(ring: number): Drive[] {
    const base = { io: 'uring', sync: 'none' } as const
    const fio = { engine: 'io_uring', datasync: false } as const
    return [
      {
        row: { ...base, op: 'read', queueDepth: 1 },
        fio: { ...fio, rw: 'randread', queueDepth: 1 },
        pages: 1,
        carryOut: (operations) => [this.uringTransfers(ring, 'read', operations, 1)],
      },
      {
        row: { ...base, op: 'write', queueDepth: 1 },
        fio: { ...fio, rw: 'randwrite', queueDepth: 1 },
        pages: 1,
        carryOut: (operations) => [this.uringTransfers(ring, 'write', operations, 1)],
      },
      {
        row: { ...base, op: 'read', queueDepth: BATCH },
        fio: { ...fio, rw: 'randread', queueDepth: BATCH },
        pages: 1,
        carryOut: (operations) => [this.uringTransfers(ring, 'read', operations, BATCH)],
      },
      {
        row: { ...base, op: 'write+fdatasync', queueDepth: BATCH, sync: 'fdatasync' },
        fio: null,
        noFio: 'fio has no fdatasync drained behind a batch',
        pages: BATCH,
        carryOut: (operations) => [this.uringBatches(ring, operations)],
      },
    ]
  }

  /** `depth` transfers always under way; each counts from its submission until its completion is seen. */
  private uringTransfers(ring: number, op: 'read' | 'write', operations: number, depth: number): Histogram {
    const { rows } = this
    const arena = this.arena.id
    const queue = op === 'read' ? native.uringRead : native.uringWrite
    const histogram = new Histogram()
    let queued = 0
    for (; queued < Math.min(depth, operations); queued++)
      queue(ring, arena, queued % BATCH, 1, this.place(), queued % BATCH)
    for (let done = 0; done < operations; ) {
      const seen = native.uringWait(ring, rows, 1)
      for (let row = 0; row < seen * ROW; row += ROW) {
        succeeded(rows[row + 1], PAGE_SIZE, op)
        histogram.record(rows[row + 3] - rows[row + 2])
        done++
        if (queued >= operations) continue
        queue(ring, arena, rows[row], 1, this.place(), rows[row])
        queued++
      }
    }
    return histogram
  }

  /** Each batch counts from its submission until the fdatasync behind its writes is seen. */
  private uringBatches(ring: number, batches: number): Histogram {
    const { rows } = this
    const histogram = new Histogram()
    for (let batch = 0; batch < batches; batch++) {
      for (let page = 0; page < BATCH; page++) native.uringWrite(ring, this.arena.id, page, 1, this.place(), page)
      native.uringDatasync(ring, BATCH)
      for (let left = BATCH + 1; left > 0; ) {
        const seen = native.uringWait(ring, rows, left)
        for (let row = 0; row < seen * ROW; row += ROW) {
          const sync = rows[row] === BATCH
          succeeded(rows[row + 1], sync ? 0 : PAGE_SIZE, sync ? 'fdatasync' : 'write')
          if (sync) histogram.record(rows[row + 3] - rows[row + 2])
        }
        left -= seen
      }
    }
    return histogram
  }
}

function succeeded(result: number, expected: number, operation: string): void {
  if (result === expected) return
  throw new LabError({
    code: 'io_error',
    message: `A ${operation} by io_uring ended with ${result < 0 ? `errno ${-result}` : `${result} bytes`}.`,
    remedy: 'Check the kernel log (dmesg), or choose another swap directory.',
  })
}

function quantiles(histogram: Histogram): { p50: number; p99: number } {
  const data = histogram.toData()
  // A single round is too short for a p99 of its own; here it only serves a ratio whose median is taken over the rounds.
  return { p50: percentile(data, 0.5) ?? Number.NaN, p99: looseP99(data) }
}

function looseP99(data: HistogramData): number {
  const total = data.count.reduce((sum, count) => sum + count, 0)
  let beyond = 0
  for (let i = data.bucket.length - 1; i >= 0; i--) {
    beyond += data.count[i]
    if (beyond > total / 100) return percentile({ ...data, bucket: [data.bucket[i]], count: [1] }, 0.5) ?? data.max
  }
  return data.max
}

/** Ours over fio's, median of the rounds. Where write and sync are two calls, the sums of their percentiles are compared. */
function compare(ours: Round[], theirs: FioResult[]): NonNullable<DiskRow['vsFio']> {
  const sum = (parts: { p50: number; p99: number }[], quantile: 'p50' | 'p99') =>
    parts.reduce((total, part) => total + part[quantile], 0)
  const ratio = (of: (round: Round) => number) => median(ours.map((round, i) => of(round) / of(theirs[i])))
  return {
    p50: ratio((round) => sum(round.parts, 'p50')),
    p99: ratio((round) => sum(round.parts, 'p99')),
    perSecond: ratio((round) => round.perSecond),
  }
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** Content that does not compress. */
function fillRandom(bytes: Uint8Array): void {
  const random = new Random(7)
  for (let i = 0; i < bytes.length; i++) bytes[i] = random.next32()
}
