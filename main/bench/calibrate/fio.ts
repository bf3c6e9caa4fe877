import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { promisify } from 'node:util'
import { z } from 'zod'
import { LARGE_PAGE_SIZE } from '../../../native-bench/index.ts'
import { PAGE_SIZE } from '../../contract/index.ts'
import { Histogram } from '../measure/histogram.ts'
import type { TurnResult } from './beside-fio.ts'

/** fio (https://github.com/axboe/fio) as the yardstick: the same I/O, on the same file, from the same CPU. */

export interface FioJob {
  rw: 'randread' | 'randwrite' | 'read' | 'write'
  engine: 'psync' | 'io_uring'
  queueDepth: number
  blockBytes: number
  /** fdatasync after so many writes. */
  datasyncEvery?: number
  /** The file opened O_DSYNC. */
  dsync?: boolean
  /** Submits only when the queue is full, and waits for all of it before the next. */
  wholeBatches?: boolean
}

export interface FioPlace {
  path: string
  /** Pages behind the header page, which is left alone. */
  slots: number
  /** Not counted, ms. */
  rampMs: number
  ms: number
  direct: boolean
  /** Null: any. */
  cpu: number | null
  signal?: AbortSignal
}

const MAX_RUN_MS = 120_000

/**
 * fio asks for its buffer by malloc. Told so, glibc (2.35 and later) takes it from the heap, and asks the kernel for large pages there; the buffer begins one large
 * page into what was added for it, so that all of it is new. Without, the disk transfers an extent of fio's in 256 pieces where one of the lab's is one.
 */
const LARGE_PAGES = { GLIBC_TUNABLES: 'glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold=16777216' }

/** Counts by ns; the direction that a job does not use has none. */
const Latency = z.object({ bins: z.record(z.string(), z.number()).optional() })
const Transfer = z.object({ runtime: z.number(), clat_ns: Latency, lat_ns: Latency })
const FioOutput = z.object({
  jobs: z
    .array(
      z.object({
        error: z.number(),
        read: Transfer,
        write: Transfer,
        sync: z.object({ lat_ns: Latency.optional() }),
      }),
    )
    .length(1),
})

const execute = promisify(execFile)

/** What fio calls itself, such as "fio-3.33"; null where it is not in PATH. */
export async function fioVersion(): Promise<string | null> {
  try {
    const { stdout } = await execute('fio', ['--version'])
    return stdout.trim()
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

/**
 * Runs one job; latencies are known to 1/64. psync: the time of the call (clat); io_uring: submission to completion (lat), as the engine's ring counts.
 * @throws Error with fio's own words where it fails
 */
export async function runFio(job: FioJob, place: FioPlace): Promise<TurnResult> {
  const sequential = job.rw === 'read' || job.rw === 'write'
  const args = [
    '--name=swaplab',
    `--filename=${place.path.replaceAll('\\', '\\\\').replaceAll(':', '\\:')}`, // fio separates names by colons
    `--offset=${PAGE_SIZE}`,
    // Whole blocks only, or a sequential job ends with a short one.
    `--size=${Math.floor((place.slots * PAGE_SIZE) / job.blockBytes) * job.blockBytes}`,
    '--time_based',
    `--ramp_time=${place.rampMs}ms`,
    `--runtime=${place.ms}ms`,
    `--bs=${job.blockBytes}`,
    `--rw=${job.rw}`,
    // Other places in each run, as the lab goes to: the same ones again would be in some cache of the disk.
    ...(sequential ? [] : ['--norandommap', '--randrepeat=0']),
    `--direct=${place.direct ? 1 : 0}`,
    `--ioengine=${job.engine}`,
    `--iodepth=${job.queueDepth}`,
    ...(job.engine === 'io_uring' ? ['--fixedbufs=1', '--registerfiles=1'] : []),
    ...(job.datasyncEvery ? [`--fdatasync=${job.datasyncEvery}`] : []),
    ...(job.dsync ? ['--sync=dsync'] : []),
    ...(job.wholeBatches
      ? [`--iodepth_batch_submit=${job.queueDepth}`, `--iodepth_batch_complete_min=${job.queueDepth}`]
      : []),
    ...(place.cpu === null ? [] : [`--cpus_allowed=${place.cpu}`]),
    `--iomem_align=${LARGE_PAGE_SIZE}`, // an offset, not an alignment (fio 3.33, backend.c, init_io_u_buffers)
    '--allow_file_create=0',
    '--fallocate=none',
    '--clocksource=clock_gettime',
    '--disk_util=0', // quicker to begin and to end
    '--eta=never',
    '--clat_percentiles=1',
    '--lat_percentiles=1',
    '--output-format=json+',
  ]
  const { stdout } = await execute('fio', args, {
    cwd: tmpdir(),
    env: { ...process.env, ...LARGE_PAGES },
    maxBuffer: 2 ** 24,
    timeout: MAX_RUN_MS,
    signal: place.signal,
  })
  // Remarks of fio may stand before the document.
  return readOutput(JSON.parse(stdout.slice(stdout.indexOf('{'))), job, place.ms)
}

/** @throws Error where the document is not what fio of version 3 writes for this job */
export function readOutput(document: unknown, job: FioJob, ms: number): TurnResult {
  const [result] = FioOutput.parse(document).jobs
  if (result.error !== 0) throw new Error(`fio ended with error ${result.error}`)
  const transfer = job.rw === 'randread' || job.rw === 'read' ? result.read : result.write
  const latency = job.engine === 'psync' ? transfer.clat_ns : transfer.lat_ns
  const parts = (job.datasyncEvery ? [latency, result.sync.lat_ns] : [latency]).map((part) =>
    histogramOf(part?.bins ?? {}),
  )
  return {
    parts: parts.map((part) => part.toData()),
    perSecond: parts[0].count / (lasted(transfer.runtime, ms, parts[0].count) / 1000),
  }
}

/**
 * How long a run of `ms` lasted, ms: fio says so in whole ms, rounded up. It ends with the first operation that is over after its time: half an operation late on average, and where a
 * stall made that more than a ms, half a ms is too much on average.
 */
function lasted(runtime: number, ms: number, operations: number): number {
  return runtime > ms + 1 ? runtime - 0.5 : ms + Math.min(1, ms / operations) / 2
}

function histogramOf(bins: Record<string, number>): Histogram {
  const histogram = new Histogram()
  for (const [ns, count] of Object.entries(bins)) for (let i = 0; i < count; i++) histogram.record(Number(ns))
  if (histogram.count === 0) throw new Error('fio has given no latencies')
  return histogram
}
