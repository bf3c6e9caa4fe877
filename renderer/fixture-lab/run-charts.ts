import type { RunCharts, RunDocument, RunSeries, SeriesSample } from '../../main/contract/index.ts'
import { DISTRIBUTIONS, distributionsOf, valueAt } from './latencies.ts'

/** What is drawn of a made-up run. */

function samples(lane: number, trial: number): SeriesSample[] {
  return Array.from({ length: 900 }, (_, at) => {
    const wave = 1 + 0.25 * Math.sin(at / 40 + lane) + 0.05 * Math.sin(at * 1.7 + trial)
    const pool = lane === 0 ? 0 : Math.min(2048, at * 14)
    return {
      t: at * 4,
      warmup: at < 180,
      accesses: Math.round(400 * wave),
      faultsPool: lane === 0 ? 0 : Math.round(70 * wave),
      faultsDisk: Math.round((lane === 0 ? 110 : 30) * wave),
      faultsSwapcache: Math.round(4 * wave),
      faultsZero: at < 60 ? 20 : 0,
      faultsZeromap: 0,
      faultsFile: 0,
      faultsCleancache: 0,
      faultsRemote: 0,
      poolFrames: pool,
      freeFrames: 64,
      inflight: lane === 2 ? 32 : 0,
      writtenBack: lane === 2 && pool === 2048 ? Math.round(16 * wave) : 0,
      bytesWritten: Math.round((lane === 1 ? 40_000 : 90_000) * wave),
      bytesRead: Math.round((lane === 0 ? 450_000 : 123_000) * wave),
    }
  })
}

export function charts({ lanes }: RunDocument): RunCharts {
  return {
    lanes: lanes.map((lane, index) => ({
      label: lane.label,
      distributions: distributionsOf(lane.spec).map((name) => {
        const { p50, count } = DISTRIBUTIONS[name]
        return {
          metric: name,
          count,
          sumNs: p50 * count * 1.6,
          points: Array.from({ length: 700 }, (_, at) => {
            const quantile = 1 - 10 ** (-((at + 1) / 700) * 4.5)
            return { ns: valueAt(p50, quantile, index), quantile }
          }),
        }
      }),
      faultTime:
        lane.spec.lane === 'raw'
          ? [
              { path: 'disk', ns: 2.4e9, count: 19_000 },
              { path: 'swapcache', ns: 2.2e6, count: 1700 },
              { path: 'zero', ns: 3.1e7, count: 16_384 },
              { path: 'reclaim', ns: 0.9e9, count: 31_000 },
            ]
          : [
              { path: 'pool', ns: 0.26e9, count: 41_000 },
              { path: 'disk', ns: 0.8e9 / (index + 1), count: 9_000 },
              { path: 'swapcache', ns: 2.2e6, count: 1700 },
              { path: 'zero', ns: 3.1e7, count: 16_384 },
              { path: 'reclaim', ns: 0.5e9, count: 31_000 },
            ],
    })),
  }
}

export function series({ lanes }: RunDocument, block: number): RunSeries {
  return {
    lanes: lanes.map(({ label, trials }, index) => {
      const trial = trials.find((entry) => entry.block === block)
      return { label, trial: trial?.order ?? null, samples: trial ? samples(index, block) : [] }
    }),
  }
}
