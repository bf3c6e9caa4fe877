import { describe, expect, it } from 'vitest'
import { verdictOf } from './verdict.ts'

const row = (low: number, high: number, significant: boolean) => ({ shift: (low + high) / 2, low, high, significant })

describe('the rule of the verdict (floor 1 %, band 5 %)', () => {
  it.each([
    { low: 0.02, high: 0.09, significant: true, verdict: 'different', why: 'all of it beyond the floor' },
    { low: -0.09, high: -0.02, significant: true, verdict: 'different', why: 'the same the other way' },
    { low: 0.01, high: 0.02, significant: true, verdict: 'different', why: 'the floor itself is worth reporting' },
    { low: 0.02, high: 0.09, significant: false, verdict: 'unknown', why: 'not after adjustment for many metrics' },
    { low: 0.005, high: 0.09, significant: true, verdict: 'unknown', why: 'a change, but perhaps a negligible one' },
    { low: 0.005, high: 0.03, significant: true, verdict: 'unknown', why: 'small, but neither negligible nor proven' },
    { low: -0.03, high: 0.04, significant: false, verdict: 'same', why: 'holds 0, inside the band' },
    { low: -0.03, high: 0.06, significant: false, verdict: 'unknown', why: 'as much as 6 % is possible' },
    { low: 0.002, high: 0.006, significant: true, verdict: 'same', why: 'a change, but below the floor for certain' },
    { low: -0.02, high: 0.02, significant: true, verdict: 'unknown', why: 'the shape changed, the median did not' },
  ] as const)('$low to $high is $verdict: $why', ({ low, high, significant, verdict }) => {
    expect(verdictOf(row(low, high, significant))).toBe(verdict)
  })

  it('is unknown without an interval', () => {
    expect(verdictOf({ shift: 0, low: null, high: null, significant: true })).toBe('unknown')
  })

  it('takes another floor and another band', () => {
    expect(verdictOf(row(0.02, 0.09, true), { floor: 0.03 })).toBe('unknown')
    expect(verdictOf(row(-0.03, 0.04, false), { band: 0.02 })).toBe('unknown')
  })
})
