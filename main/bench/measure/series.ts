import type { SeriesSample } from '../../contract/index.ts'

/** Running totals and gauges a sample is made of. Totals grow; gauges are as of now. */
export interface SeriesReading {
  accesses: number
  faultsZero: number
  faultsPool: number
  faultsRemote: number
  faultsDisk: number
  faultsSwapcache: number
  faultsZeromap: number
  faultsFile: number
  faultsCleancache: number
  writtenBack: number
  bytesWritten: number
  bytesRead: number
  poolFrames: number
  freeFrames: number
  inflight: number
}

const TOTALS = [
  'accesses',
  'faultsZero',
  'faultsPool',
  'faultsRemote',
  'faultsDisk',
  'faultsSwapcache',
  'faultsZeromap',
  'faultsFile',
  'faultsCleancache',
  'writtenBack',
  'bytesWritten',
  'bytesRead',
] as const
const GAUGES = ['poolFrames', 'freeFrames', 'inflight'] as const

/** The difference of two readings as one sample. */
export function sampleBetween(from: SeriesReading, to: SeriesReading, t: number, warmup: boolean): SeriesSample {
  const sample = { t, warmup } as SeriesSample
  for (const name of TOTALS) sample[name] = to[name] - from[name]
  for (const name of GAUGES) sample[name] = to[name]
  return sample
}

function joined(a: SeriesSample, b: SeriesSample): SeriesSample {
  const sample = { ...b }
  for (const name of TOTALS) sample[name] = a[name] + b[name]
  return sample
}

/**
 * A time series of bounded length: when it is full, neighbours are joined and the interval doubles. A sample never joins
 * warm-up with measurement.
 */
export class Series {
  readonly samples: SeriesSample[] = []
  /** ns between samples now. */
  intervalNs: number
  private readonly limit: number

  constructor(intervalNs = 50e6, limit = 600) {
    this.intervalNs = intervalNs
    this.limit = limit
  }

  add(sample: SeriesSample): void {
    this.samples.push(sample)
    if (this.samples.length < this.limit) return
    const old = this.samples.splice(0)
    for (let i = 0; i < old.length; i++) {
      const next = old[i + 1]
      if (next && next.warmup === old[i].warmup) {
        this.samples.push(joined(old[i], next))
        i++
      } else this.samples.push(old[i])
    }
    this.intervalNs *= 2
  }
}
