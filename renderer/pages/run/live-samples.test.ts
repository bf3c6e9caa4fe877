import { describe, expect, it } from 'vitest'
import type { Progress, SeriesSample } from '../../../main/contract/index.ts'
import { appendLive, type LivePoint, trialAt, trialSpans } from './live-samples.ts'
import { QUANTITIES, seriesPoints } from './series.ts'

const sample: SeriesSample = {
  t: 2000,
  warmup: false,
  accesses: 1000,
  faultsPool: 300,
  faultsDisk: 100,
  faultsSwapcache: 10,
  faultsZero: 0,
  faultsZeromap: 0,
  faultsFile: 40,
  faultsCleancache: 20,
  faultsRemote: 60,
  poolFrames: 512,
  freeFrames: 64,
  inflight: 3,
  writtenBack: 50,
  bytesWritten: 409_600,
  bytesRead: 0,
}
const progress = (elapsedMs: number): Progress => ({
  runId: 'r',
  status: 'running',
  phase: 'measure',
  message: '',
  lane: 'raw',
  trial: { index: 0, total: 1 },
  fraction: 0.5,
  elapsedMs,
  etaMs: null,
  decision: null,
  sample,
})

describe('a live point', () => {
  it('turns counters into rates over the time since the message before', () => {
    const [point] = appendLive([], progress(4000), 2000)
    expect(point).toMatchObject({
      seconds: 4,
      pool: 150,
      disk: 50,
      file: 20,
      cleancache: 10,
      remote: 30,
      poolFrames: 512,
      bytesWrittenBack: 25 * 4096,
    })
  })
  it('is not made of the first message: its interval is unknown', () =>
    expect(appendLive([], progress(4000), null)).toEqual([]))
  it('is not made of two messages at once', () => expect(appendLive([], progress(4000), 3999)).toEqual([]))
  it('keeps a run of hours small', () => {
    let points: readonly LivePoint[] = []
    for (let second = 1; second < 10_000; second += 1)
      points = appendLive(points, progress(second * 1000), (second - 1) * 1000)
    expect(points.length).toBeLessThanOrEqual(2001)
    expect(points.at(-1)?.seconds).toBe(9999)
  })
})

describe('the trials of a live chart', () => {
  const at = (second: number, index: number, lane: string | null, warmup = false): Progress => ({
    ...progress(second * 1000),
    lane,
    trial: { index, total: 6 },
    sample: { ...sample, warmup },
  })
  const watched = [at(1, 0, null), at(2, 0, 'raw', true), at(3, 0, 'raw'), at(6, 1, 'zcache'), at(7, 2, 'zcache')]
  const points = watched.reduce<readonly LivePoint[]>(
    (drawn, message, index) => appendLive(drawn, message, index === 0 ? 0 : watched[index - 1].elapsedMs),
    [],
  )

  it('begin between their first message and the one before, also where the lane stays the same', () =>
    expect(trialSpans(points)).toEqual([
      { number: 1, lane: 'raw', from: 1.5, to: 4.5 },
      { number: 2, lane: 'zcache', from: 4.5, to: 6.5 },
      { number: 3, lane: 'zcache', from: 6.5, to: 7 },
    ]))
  it('are told at every point, and nothing is told beyond the last', () =>
    expect([2, 3, 6, 7, 8].map((second) => trialAt(points, second)?.number)).toEqual([1, 1, 2, 3, undefined]))
  it('have a warm-up, which is drawn as such', () =>
    expect(points.map(({ warmup }) => warmup)).toEqual([false, true, false, false, false]))
})

describe('a time series', () => {
  const quantity = (name: string) => {
    const found = QUANTITIES.find((entry) => entry.name === name)
    if (!found) throw new Error(name)
    return found
  }
  const samples = [
    { ...sample, t: 1000, warmup: true },
    { ...sample, t: 3000 },
  ]
  it('shows counters per second of their own interval', () =>
    expect(seriesPoints(samples, quantity('faultsPool'))).toEqual([
      { x: 1, y: 300, warmup: true },
      { x: 3, y: 150, warmup: false },
    ]))
  it('shows gauges as sampled', () =>
    expect(seriesPoints(samples, quantity('poolFrames')).map(({ y }) => y)).toEqual([512, 512]))
})
