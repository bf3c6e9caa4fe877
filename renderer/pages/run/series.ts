import { PAGE_SIZE, type SeriesSample } from '../../../main/contract/index.ts'
import type { LinePoint } from '../../charts/line.ts'
import { niceTicks } from '../../charts/ticks.ts'
import { formatByteRate, formatCount, formatRate } from '../../format/quantity.ts'

/** What can be drawn over a trial. A counter becomes a rate over the interval before it; a gauge stays as it is. */
export interface Quantity {
  name: string
  title: string
  kind: 'counter' | 'gauge'
  read: (sample: SeriesSample) => number
  format: (value: number) => string
  axis: string
  binary?: boolean
}

const FAULTS_PER_SECOND = { kind: 'counter', format: formatRate, axis: 'faults per second' } as const
const BYTES_PER_SECOND = { kind: 'counter', format: formatByteRate, axis: 'bytes per second', binary: true } as const
const FRAMES = { kind: 'gauge', format: formatCount, axis: 'frames' } as const

export const QUANTITIES: readonly Quantity[] = [
  {
    name: 'faults',
    title: 'Faults, all tiers',
    read: (sample) =>
      sample.faultsPool +
      sample.faultsDisk +
      sample.faultsSwapcache +
      sample.faultsZero +
      sample.faultsZeromap +
      sample.faultsFile +
      sample.faultsCleancache +
      sample.faultsRemote,
    ...FAULTS_PER_SECOND,
  },
  { name: 'faultsPool', title: 'Faults from the pool', read: (sample) => sample.faultsPool, ...FAULTS_PER_SECOND },
  { name: 'faultsDisk', title: 'Faults from disk', read: (sample) => sample.faultsDisk, ...FAULTS_PER_SECOND },
  {
    name: 'faultsSwapcache',
    title: 'Faults from the swap cache',
    read: (sample) => sample.faultsSwapcache,
    ...FAULTS_PER_SECOND,
  },
  {
    name: 'faultsFile',
    title: 'Faults from the mapped file',
    read: (sample) => sample.faultsFile,
    ...FAULTS_PER_SECOND,
  },
  {
    name: 'faultsCleancache',
    title: 'Faults from cleancache',
    read: (sample) => sample.faultsCleancache,
    ...FAULTS_PER_SECOND,
  },
  {
    name: 'faultsRemote',
    title: 'Faults from other machines',
    read: (sample) => sample.faultsRemote,
    ...FAULTS_PER_SECOND,
  },
  {
    name: 'accesses',
    title: 'Accesses',
    kind: 'counter',
    read: (sample) => sample.accesses,
    format: formatRate,
    axis: 'accesses per second',
  },
  { name: 'poolFrames', title: 'Pool frames', read: (sample) => sample.poolFrames, ...FRAMES },
  { name: 'freeFrames', title: 'Free frames', read: (sample) => sample.freeFrames, ...FRAMES },
  {
    name: 'inflight',
    title: 'Writebacks in flight',
    kind: 'gauge',
    read: (sample) => sample.inflight,
    format: formatCount,
    axis: 'pages',
  },
  {
    name: 'writtenBack',
    title: 'Written back',
    read: (sample) => sample.writtenBack * PAGE_SIZE,
    ...BYTES_PER_SECOND,
  },
  { name: 'bytesWritten', title: 'Written to disk', read: (sample) => sample.bytesWritten, ...BYTES_PER_SECOND },
  { name: 'bytesRead', title: 'Read from disk', read: (sample) => sample.bytesRead, ...BYTES_PER_SECOND },
]

/** A trial's samples as points: x in seconds since its start, y per second (counter) or as sampled (gauge). */
export function seriesPoints(samples: readonly SeriesSample[], quantity: Quantity): LinePoint[] {
  const points: LinePoint[] = []
  let before = 0
  for (const sample of samples) {
    const seconds = (sample.t - before) / 1000
    before = sample.t
    const value = quantity.read(sample)
    // The first sample may stand at t = 0: a counter has no rate there.
    if (quantity.kind === 'counter' && seconds <= 0) continue
    points.push({
      x: sample.t / 1000,
      y: quantity.kind === 'counter' ? value / seconds : value,
      warmup: sample.warmup,
    })
  }
  return points
}

/** Beyond it the first touches of a warm-up would press what was measured to the bottom. */
const TALLEST_WARMUP = 1.5

/** Where the y axis ends because the warm-up rises far above what was measured; null where it need not. */
export function topOf(lines: readonly { points: readonly LinePoint[] }[], { binary }: Quantity): number | null {
  let [measured, warmup] = [0, 0]
  for (const { points } of lines)
    for (const point of points)
      if (point.warmup) warmup = Math.max(warmup, point.y)
      else measured = Math.max(measured, point.y)
  if (measured === 0 || warmup <= measured * TALLEST_WARMUP) return null
  return niceTicks(measured, binary ? 1024 : 1000).at(-1) ?? null
}
