import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cliffsDelta } from './cliffs-delta.ts'
import { judge } from './judge.ts'
import { judgeBlocked } from './judge-blocked.ts'
import { kolmogorovSmirnov } from './kolmogorov-smirnov.ts'
import { mannWhitneyU } from './mann-whitney.ts'

const trials = (least = 1) => fc.array(fc.integer({ min: 1, max: 50 }), { minLength: least, maxLength: 12 })
const quick = { resamples: 100 }

describe('any two groups', () => {
  it('swap without changing p, and with delta turned around', () => {
    fc.assert(
      fc.property(trials(), trials(), (a, b) => {
        expect(mannWhitneyU(a, b).p).toBeCloseTo(mannWhitneyU(b, a).p, 12)
        expect(kolmogorovSmirnov(a, b).p).toBeCloseTo(kolmogorovSmirnov(b, a).p, 12)
        expect(cliffsDelta(a, b)).toBeCloseTo(-cliffsDelta(b, a), 12)
      }),
    )
  })

  it('keep p, delta and shift in another unit', () => {
    fc.assert(
      fc.property(trials(), trials(), (a, b) => {
        const inNs = judge(a, b, quick)
        const inUs = judge(
          a.map((value) => value * 1024),
          b.map((value) => value * 1024),
          quick,
        )
        expect({ ...inUs, base: 0, new: 0 }).toEqual({ ...inNs, base: 0, new: 0 })
      }),
    )
  })

  it('have p between 0 and 1, and an interval that holds the shift', () => {
    fc.assert(
      fc.property(trials(3), trials(3), (a, b) => {
        const { p, shift, low, high } = judge(a, b)
        expect(p).toBeGreaterThan(0)
        expect(p).toBeLessThanOrEqual(1)
        if (shift === null || low === null || high === null) throw new Error('no value here is 0')
        expect(low).toBeLessThanOrEqual(shift)
        expect(high).toBeGreaterThanOrEqual(shift)
      }),
    )
  })

  it('are never different from themselves', () => {
    fc.assert(fc.property(trials(2), (a) => judge(a, a, quick).verdict !== 'different'))
    fc.assert(fc.property(trials(2), (a) => judgeBlocked(a, a).verdict === 'same'))
  })
})

describe('any blocks', () => {
  it('have an interval without 0 exactly where p reaches 5 %, unless ratios are tied', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.double({ min: 0.5, max: 2, noNaN: true }), { minLength: 6, maxLength: 20 }),
        (ratios) => {
          const logs = ratios.map((ratio) => Math.abs(Math.log(ratio)))
          fc.pre(new Set(logs).size === logs.length && !logs.includes(0))
          const { low, high, p } = judgeBlocked(
            ratios.map(() => 1),
            ratios,
          )
          if (low === null || high === null) throw new Error('six blocks carry an interval')
          expect(low > 0 || high < 0).toBe(p <= 0.05)
        },
      ),
    )
  })
})
