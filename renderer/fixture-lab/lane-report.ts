import {
  type ExperimentSpec,
  isCompressedLane,
  type LaneReport,
  type LaneSpec,
  laneLabel,
  type Metric,
  type TrialFacts,
} from '../../main/contract/index.ts'
import { DISTRIBUTIONS, distributionsOf, valueAt } from './latencies.ts'

/** What a made-up run says of a lane. Every figure is drawn from a formula; none was measured. */

const metric = (median: number, unit: Metric['unit'], n: number, better: Metric['better'] = 'lower'): Metric => ({
  median,
  low: n < 3 ? null : median * 0.93,
  high: n < 3 ? null : median * 1.08,
  unit,
  n,
  better,
})

const writesBack = (lane: LaneSpec): boolean => 'writeback' in lane && lane.writeback !== 'off'

const QUANTILES = [0.5, 0.9, 0.99, 0.999, 0.9999] as const
const QUANTILE_NAMES = ['p50', 'p90', 'p99', 'p999', 'p9999'] as const

/** Zpages of about a third of a page, and those that hardly compress. */
function chunkCounts(lane: number): number[] {
  const hump = (chunks: number, middle: number, width: number) => Math.exp(-(((chunks - middle) / width) ** 2))
  return Array.from({ length: 64 }, (_, chunks) =>
    chunks === 0
      ? 0
      : Math.round(2600 * hump(chunks, 14 + 2 * lane, 7) + 700 * hump(chunks, 40, 9) + 900 * hump(chunks, 3, 1.5)),
  )
}

/** What a trial says of itself; in an open loop the first lane cannot hold the rate. */
function trialFacts(experiment: ExperimentSpec, index: number, trial: number): TrialFacts {
  const open = experiment.workload.load.kind === 'open'
  const reached = (index + trial) % 4 !== 3
  const values = Array.from({ length: 20 }, (_, round) => (round < trial ? 60_000 : 91_000) * (1 + 0.01 * (round % 3)))
  const disturbed = index === 1 && trial === 2
  return {
    steady: {
      reached,
      fromRound: reached ? trial + 1 : null,
      quantity: open ? 'access.ns.mean' : 'accesses.per_s',
      values,
      reason: reached
        ? `Reached at round ${trial + 1}: range 4.1 % (limit 20.0 %), trend 1.2 % (limit 10.0 %) over 5 rounds.`
        : 'Not reached in 20 rounds; the last 5: range 31.4 % (limit 20.0 %), trend 12.0 % (limit 10.0 %).',
    },
    sensors: {
      steal: disturbed ? 0.084 : 0.002 + trial * 0.001,
      foreignCpu: 0.03 + index * 0.01,
      foreignIo: disturbed ? 18e6 : 12_000,
      pressureCpu: 0.011,
      pressureMemory: 0,
      pressureIo: 0.42,
      temperature: 61 + trial,
      memoryAvailable: 11.2 * 2 ** 30,
    },
    ...(open && {
      load: {
        askedPerS: 20_013,
        achievedPerS: index === 0 ? 17_204 : 20_011,
        lateMaxNs: index === 0 ? 611e6 : 12.4e6,
        lateEndNs: index === 0 ? 610e6 : 0,
      },
    }),
    ...(open && index === 0 && { invalid: RATE_NOT_HELD }),
  }
}

export const RATE_NOT_HELD =
  'The rate was not held: 17204 of 20013 accesses per second (86.0 %, at least 99 % are needed).'

/** `at`: when the run began. */
export function laneReport(experiment: ExperimentSpec, index: number, trials: number, at: number): LaneReport {
  const lane = experiment.lanes[index]
  const metrics: Record<string, Metric> = {
    'accesses.per_s': metric(91_000 * (index + 1), 'per_s', trials, 'higher'),
    'faults.per_s': metric(28_400 * (index + 1), 'per_s', trials, 'higher'),
    'disk.bytes_written': metric(182e6 / (index + 1), 'bytes', trials),
    'disk.bytes_read': metric(241e6 / (index + 1), 'bytes', trials),
    'cpu.user_s': metric(1.9 + index, 's', trials),
    'cpu.sys_s': metric(1.2, 's', trials),
    'rss.peak_bytes': metric(94e6, 'bytes', trials),
  }
  if (isCompressedLane(lane)) {
    metrics['pool.frames.peak'] = metric(experiment.memory.pool, 'pages', trials, 'higher')
    metrics['pool.ratio.true'] = metric(2.41, 'ratio', trials, 'higher')
    metrics['pool.ratio.effective'] = metric(1.68, 'ratio', trials, 'higher')
    metrics['writeback.pages_per_s'] = metric(writesBack(lane) ? 4_100 : 0, 'per_s', trials, 'higher')
  }
  for (const name of distributionsOf(lane)) {
    const { p50, count } = DISTRIBUTIONS[name]
    metrics[`${name}.mean`] = metric(1.35 * valueAt(p50, 0.5, index), 'ns', trials)
    for (const [at, quantile] of QUANTILES.entries())
      if (count * (1 - quantile) >= 10)
        metrics[`${name}.${QUANTILE_NAMES[at]}`] = metric(valueAt(p50, quantile, index), 'ns', trials)
  }
  const counters: Record<string, number> = {
    pgfault: 62_000,
    pswpin: 19_000 - index * 4000,
    pswpout: 44_000 - index * 9000,
    swap_ra: 8_100,
    swap_ra_hit: 3_300,
  }
  if (isCompressedLane(lane))
    Object.assign(counters, {
      succ_stores: 50_211,
      failed_stores: 3_120,
      loads: 41_007,
      invalidates: 21_400,
      compress_poor: 1_204,
      mean_compress_poor: 16,
      pers_zpages: 3_410,
      pers_pageframes: 2_031,
      writtenback_pages: writesBack(lane) ? 12_400 : 0,
      outstanding_writeback_pages_max: writesBack(lane) ? 64 : 0,
    })
  return {
    label: laneLabel(lane),
    spec: lane,
    trials: Array.from({ length: trials }, (_, trial) => ({
      order: trial * experiment.lanes.length + index,
      block: trial,
      status: 'done' as const,
      startedAt: new Date(at + trial * 4000).toISOString(),
      durationMs: 3200 + index * 310,
      metrics: Object.fromEntries(
        Object.entries(metrics).map(([name, { median }]) => [name, median * (0.97 + trial * 0.015)]),
      ),
      counters,
      verified: { pages: 41_000, mismatches: 0 },
      ...trialFacts(experiment, index, trial),
      ...('allocator' in lane && lane.allocator === 'zbud' && { cumulChunkCounts: chunkCounts(index) }),
      ...(index === 0 && experiment.workload.load.kind === 'open' && { status: 'invalid' as const }),
      ...(index === 1 &&
        trial === 2 && {
          flags: ['Steal 8.4 %: its accesses.per_s is an outlier of the lane'],
        }),
    })),
    metrics: index === 0 && experiment.workload.load.kind === 'open' ? {} : metrics,
    counters,
    outliers: trials < 5 ? [] : [{ metric: 'accesses.per_s', order: index, mark: 'outside' }],
    notes: [
      `${experiment.memory.frames} frames of RAM = ${experiment.memory.frames - 158} for pages and pool, 128 reserve, 30 metadata`,
    ],
  }
}
