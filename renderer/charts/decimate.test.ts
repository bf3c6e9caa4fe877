import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatNs, formatRate } from '../format/quantity.ts'
import { decimate, MAX_POINTS } from './decimate.ts'
import { niceTicks, roundLabel, tickLabel, ticksApart } from './ticks.ts'

const line = fc
  .array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 3000 })
  .map((values) => values.map((y, x) => ({ x, y })))

describe('decimating a line', () => {
  it('leaves a short line as it is', () => {
    const points = [
      { x: 0, y: 1 },
      { x: 1, y: 2 },
    ]
    expect(decimate(points)).toBe(points)
  })
  it('keeps to the limit, the ends, the order, and every extreme', () =>
    fc.assert(
      fc.property(line, (points) => {
        const kept = decimate(points)
        expect(kept.length).toBeLessThanOrEqual(MAX_POINTS)
        expect(kept[0]).toBe(points[0])
        expect(kept.at(-1)).toBe(points.at(-1))
        expect(kept.every((point, at) => at === 0 || point.x > kept[at - 1].x)).toBe(true)
        const highest = (some: readonly { y: number }[]) => some.reduce((max, { y }) => Math.max(max, y), -Infinity)
        const lowest = (some: readonly { y: number }[]) => some.reduce((min, { y }) => Math.min(min, y), Infinity)
        expect(highest(kept)).toBe(highest(points))
        expect(lowest(kept)).toBe(lowest(points))
      }),
    ))
})

describe('ticks', () => {
  it('say a round place in as few digits as it has', () => {
    expect([0, 500e3, 1e6, 2.5e6, 1.25e6].map((ns) => roundLabel(formatNs(ns)))).toEqual([
      '0',
      '500\u00a0µs',
      '1\u00a0ms',
      '2.5\u00a0ms',
      '1.25\u00a0ms',
    ])
    expect(roundLabel(formatRate(1e12))).toBe('1,000\u00a0G/s')
    expect(['p99.9', '20 Nov 2026\n10:00', 'policy-1.0.js'].map(roundLabel)).toEqual([
      'p99.9',
      '20 Nov 2026\n10:00',
      'policy-1.0.js',
    ])
  })

  it('say a name as it is', () => {
    const format = (at: number) => ['6.1', '6.10'][at]
    expect([0, 1].map((at) => tickLabel({ format, named: true }, at))).toEqual(['6.1', '6.10'])
    expect(tickLabel({ format }, 1)).toBe('6.1')
  })

  it('are round in the unit that is read', () => {
    const MIB = 2 ** 20
    expect(niceTicks(57 * MIB, 1024).map((tick) => tick / MIB)).toEqual([0, 20, 40, 60])
    expect(niceTicks(23_400)).toEqual([0, 5000, 10_000, 15_000, 20_000, 25_000])
  })
  it('do not creep where the unit changes', () => {
    const top = niceTicks(1_073_741_824_214.7485, 1024).at(-1) ?? 0
    expect(niceTicks(top, 1024).at(-1)).toBe(top)
  })
  it('exist for a line that is always 0', () => expect(niceTicks(0)).toEqual([0, 1]))
  it('reach the top and stay few', () =>
    fc.assert(
      fc.property(
        fc.double({ min: 1e-3, max: 1e15, noNaN: true }),
        fc.constantFrom(1000 as const, 1024 as const),
        (max, base) => {
          const ticks = niceTicks(max, base)
          expect(ticks.at(-1)).toBeGreaterThanOrEqual(max * (1 - 1e-6))
          expect(ticks.length).toBeLessThanOrEqual(7)
          // Twice the same maximum gives the same ticks: the axis does not creep.
          expect(niceTicks(ticks.at(-1) ?? 0, base).at(-1)).toBeCloseTo(ticks.at(-1) ?? 0, 5)
        },
      ),
    ))
})

describe('ticks of a part of a logarithmic axis', () => {
  const left = (apart: number, ...values: number[]) => {
    const ends = { min: values[0], max: values[values.length - 1] }
    const ticks = values.map((value) => ({ value }))
    return ticksApart(ticks, ends, apart).map(({ value }) => value)
  }
  it('are round ones where a part is long, and as many as fit', () => {
    const all = [4540, 5000, 6000, 8000, 10_000, 20_000, 40_000, 50_000, 60_000, 100_000, 123_456]
    expect(left(0.1, ...all)).toEqual([5000, 10_000, 20_000, 50_000, 100_000])
    expect(left(0.25, ...all)).toEqual([5000, 20_000, 50_000])
  })
  it('are any where it is short, but stand apart', () =>
    expect(left(0.1, 1250, 1300, 1400, 1500, 1600, 1700, 2000, 2500, 3000, 3750)).toEqual([
      1300, 1500, 1700, 2000, 2500, 3000,
    ]))
})
