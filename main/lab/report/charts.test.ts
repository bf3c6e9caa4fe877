import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Histogram } from '../../bench/index.ts'
import type { SeriesSample } from '../../contract/index.ts'
import { decimate, distribution, faultTime } from './charts.ts'

describe('a distribution for a chart', () => {
  it('has at most 400 points, ascending in both, and ends at 1 with every event counted', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 1e12 }), { minLength: 1, maxLength: 3000 }), (values) => {
        const histogram = new Histogram()
        for (const value of values) histogram.record(value)
        const { points, count, sumNs } = distribution('fault.ns', histogram.toData())
        expect(points.length).toBeLessThanOrEqual(400)
        expect(count).toBe(values.length)
        expect(sumNs).toBe(values.reduce((a, b) => a + b, 0))
        expect(points.at(-1)?.quantile).toBe(1)
        for (let i = 1; i < points.length; i++) {
          expect(points[i].ns).toBeGreaterThanOrEqual(points[i - 1].ns)
          expect(points[i].quantile).toBeGreaterThan(points[i - 1].quantile)
        }
      }),
    )
  })

  it('is empty where nothing was measured', () => {
    expect(distribution('fault.ns', new Histogram().toData()).points).toEqual([])
  })
})

describe('where fault time goes', () => {
  it('counts each fault once: neither what of it the engine takes, nor null faults, are a path', () => {
    const histogram = new Histogram()
    histogram.record(1000)
    const parts = ['fault.ns', 'fault.disk.ns', 'fault.engine.ns', 'fault.null.ns', 'disk.read.ns'].map((name) => ({
      lane: 0,
      position: 0,
      name,
      histogram: histogram.toData(),
    }))
    expect(faultTime(parts)).toEqual([{ path: 'disk', ns: 1000, count: 1 }])
  })
})

const sample = (t: number): SeriesSample => ({
  t,
  warmup: false,
  accesses: 1,
  faultsPool: 2,
  faultsDisk: 3,
  faultsSwapcache: 4,
  faultsZero: 5,
  faultsZeromap: 0,
  faultsFile: 8,
  faultsCleancache: 9,
  faultsRemote: 12,
  poolFrames: t,
  freeFrames: 7,
  inflight: 8,
  writtenBack: 9,
  bytesWritten: 10,
  bytesRead: 11,
})

describe('a thinned series', () => {
  it('loses no count, and keeps gauges as they were at the end of each step', () => {
    const samples = Array.from({ length: 1001 }, (_, i) => sample(i))
    const thin = decimate(samples, 100)
    expect(thin.length).toBeLessThanOrEqual(100)
    const total = (list: SeriesSample[], key: 'accesses' | 'bytesRead') => list.reduce((sum, s) => sum + s[key], 0)
    expect(total(thin, 'accesses')).toBe(1001)
    expect(total(thin, 'bytesRead')).toBe(11_011)
    expect(thin.at(-1)).toMatchObject({ t: 1000, poolFrames: 1000 })
  })

  it('is left alone where it fits', () => expect(decimate([sample(1), sample(2)])).toEqual([sample(1), sample(2)]))
})
