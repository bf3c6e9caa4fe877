import { describe, expect, it } from 'vitest'
import { type LaneReport, PERCENTILES } from '../../../main/contract/index.ts'
import { costOfLooking, latenciesOf, percentileCell, tailPlace, usualLatency, valueAtQuantile } from './latency.ts'

const [p50, , , , p9999] = PERCENTILES
const metric = { median: 900, low: 800, high: 1000, unit: 'ns', n: 5, better: 'lower' } as const
const lane: LaneReport = {
  label: 'raw',
  spec: { lane: 'raw' },
  trials: [],
  metrics: { 'fault.ns.p50': metric, 'store.ns.p50': metric, 'accesses.per_s': { ...metric, unit: 'per_s' } },
  counters: {},
  outliers: [],
  notes: [],
}

describe('a percentile', () => {
  it('is shown where the lab gave it', () =>
    expect(percentileCell(lane, 'fault.ns', p50, { count: 100 })).toEqual({ kind: 'value', metric }))
  it('says how many events it would have needed', () =>
    expect(percentileCell(lane, 'fault.ns', p9999, { count: 62_000 })).toEqual({
      kind: 'hidden',
      reason: 'p99.99 needs 100,000 events, there were 62,000',
    }))
  it('says when there was no event at all', () =>
    expect(percentileCell(lane, 'fault.pool.ns', p50, undefined)).toEqual({
      kind: 'hidden',
      reason: 'this lane had no such event',
    }))
})

describe('latencies of a run', () => {
  it('are those some lane has, the fault first', () =>
    expect(latenciesOf([lane], undefined)).toEqual(['fault.ns', 'store.ns']))
})

describe('a distribution', () => {
  const points = [
    { ns: 10, quantile: 0.5 },
    { ns: 20, quantile: 0.99 },
  ]
  it('gives the first value that reaches a quantile', () => {
    expect(valueAtQuantile(points, 0.4)).toBe(10)
    expect(valueAtQuantile(points, 0.9)).toBe(20)
    expect(valueAtQuantile(points, 0.999)).toBeNull()
  })
  it('places each further nine of the tail one step up', () => {
    expect(tailPlace(0.9)).toBeCloseTo(1)
    expect(tailPlace(0.999)).toBeCloseTo(3)
  })
})

describe('the cost of looking', () => {
  const observer = { clockNs: 20, nullFaultNs: 150, nullStoreNs: 70, nullLoadNs: 60, nullIoNs: 300 }

  it.each([
    ['fault.pool.ns', /a fault that does nothing takes 150\sns/],
    ['store.ns', /a store that does nothing takes 70/],
    ['load.ns', /a load that does nothing takes 60/],
    ['disk.write.ns', /a write to a device that does nothing takes 300/],
    ['access.ns', /reading the clock takes 20/],
  ])('of %s is that of the same thing doing nothing', (family, words) => {
    expect(costOfLooking(family, observer)).toMatch(words)
  })

  it('is not told where it was not measured', () => {
    expect(costOfLooking('fault.ns', null)).toBeNull()
    expect(costOfLooking('load.ns', { clockNs: 20, nullFaultNs: 150, nullStoreNs: 70 })).toBeNull()
  })
})

it('the latency shown first is the response in an open loop, else the fault', () => {
  expect(usualLatency(['fault.ns', 'access.ns'])).toBe('access.ns')
  expect(usualLatency(['store.ns', 'fault.ns'])).toBe('fault.ns')
})
