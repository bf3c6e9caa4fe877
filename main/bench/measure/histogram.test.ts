import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Histogram, mergeHistograms, percentile, totalCount } from './histogram.ts'

const filled = (values: number[]) => {
  const histogram = new Histogram()
  for (const value of values) histogram.record(value)
  return histogram.toData()
}

describe('Histogram', () => {
  it('gives every percentile within 1 % of the sorted values', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 39 }), { minLength: 40, maxLength: 400 }), (values) => {
        const data = filled(values)
        const sorted = [...values].sort((a, b) => a - b)
        for (const q of [0.01, 0.25, 0.5, 0.75]) {
          const got = percentile(data, q)
          const exact = sorted[Math.max(1, Math.ceil(values.length * q)) - 1]
          expect(Math.abs((got ?? Number.NaN) - exact)).toBeLessThanOrEqual(exact * 0.01 + 0.5)
        }
      }),
    )
  })

  it('merges to what one histogram over all values gives', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1e9)), fc.array(fc.nat(1e9)), (a, b) => {
        expect(mergeHistograms([filled(a), filled(b)])).toEqual(filled([...a, ...b]))
      }),
    )
  })

  it.each([
    { quantile: 0.5, needs: 20 },
    { quantile: 0.9, needs: 100 },
    { quantile: 0.99, needs: 1000 },
    { quantile: 0.999, needs: 10_000 },
    { quantile: 0.9999, needs: 100_000 },
  ])('hides $quantile with fewer than 10 events beyond it, so with fewer than $needs', ({ quantile, needs }) => {
    const upTo = (count: number) => filled(Array.from({ length: count }, (_, i) => i))
    expect(percentile(upTo(needs - 1), quantile)).toBeNull()
    expect(percentile(upTo(needs), quantile)).not.toBeNull()
  })

  it('counts values beyond its range in the last bucket', () => {
    const data = filled([2 ** 40, 2 ** 45])
    expect(totalCount(data)).toBe(2)
    expect(data.bucket).toEqual(filled([2 ** 40 - 1]).bucket)
    expect(data.max).toBe(2 ** 45)
  })

  it('knows sum, smallest and largest value, and of none says 0', () => {
    expect(filled([5000, 7, 900])).toMatchObject({ sum: 5907, min: 7, max: 5000 })
    const nothing = { bucket: [], count: [], sum: 0, min: 0, max: 0 }
    expect([filled([]), mergeHistograms([])]).toEqual([nothing, nothing])
  })

  it('is as new once cleared', () => {
    const histogram = new Histogram()
    histogram.record(9)
    histogram.clear()
    histogram.record(12)
    expect(histogram.toData()).toEqual(filled([12]))
  })
})
