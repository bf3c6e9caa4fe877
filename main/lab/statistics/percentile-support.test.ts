import { describe, expect, it } from 'vitest'
import { percentileIsSupported } from './percentile-support.ts'

describe('a percentile', () => {
  it.each([
    { quantile: 0.5, needs: 20 },
    { quantile: 0.9, needs: 100 },
    { quantile: 0.99, needs: 1000 },
    { quantile: 0.999, needs: 10_000 },
    { quantile: 0.9999, needs: 100_000 },
  ])('$quantile is shown from $needs events on', ({ quantile, needs }) => {
    expect(percentileIsSupported(quantile, needs)).toBe(true)
    expect(percentileIsSupported(quantile, needs - 1)).toBe(false)
  })
})
