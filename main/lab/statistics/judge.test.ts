import { describe, expect, it } from 'vitest'
import { ComparedMetric } from '../../contract/index.ts'
import { judge, judgeAll } from './judge.ts'
import { judgeBlocked } from './judge-blocked.ts'

const around = (centre: number, count = 8): number[] =>
  Array.from({ length: count }, (_, index) => centre * (1 + ((index * 7) % count) / (count * 50)))

describe('the verdict on two runs', () => {
  it('is different where the whole interval lies beyond the floor', () => {
    const judged = judge(around(100), around(110))
    expect(judged).toMatchObject({ verdict: 'different', cliffsDelta: 1, n: { base: 8, new: 8 }, better: 'lower' })
    expect(judged.shift).toBeCloseTo(0.1, 6)
    expect(judged.low).toBeGreaterThan(0.07)
    expect(judged.high).toBeLessThan(0.13)
  })

  it('is same where the interval holds 0 and stays inside the band', () => {
    expect(judge(around(100), around(100)).verdict).toBe('same')
  })

  it('is never different below the floor, however significant', () => {
    const base = Array.from({ length: 20 }, (_, index) => 1000 + index / 100)
    const judged = judge(
      base,
      base.map((value) => value * 1.005),
    )
    expect(judged.pAdjusted).toBeLessThan(1e-6)
    expect(judged.verdict).toBe('same')
  })

  it('stays unknown with four trials a side, even where they do not overlap', () => {
    expect(judge([1, 2, 3, 4], [101, 102, 103, 104]).verdict).toBe('unknown')
  })

  it('is same for a counter that never moved', () => {
    expect(judge([7, 7, 7], [7, 7, 7])).toMatchObject({ verdict: 'same', shift: 0, p: 1 })
    expect(judge([0, 0, 0], [0, 0, 0])).toMatchObject({ verdict: 'same', shift: null, low: null })
  })

  it('has no relative shift from a base of 0, and judges by the values', () => {
    expect(judge([0, 0, 0, 0, 0], [3, 4, 5, 6, 7])).toMatchObject({ verdict: 'different', shift: null, high: null })
  })

  it('gives the same row for the same seed', () => {
    expect(judge(around(100), around(103), { seed: 5 })).toEqual(judge(around(100), around(103), { seed: 5 }))
  })
})

describe('many metrics of one comparison', () => {
  const row = { lane: 'zcache', unit: 'ns', better: 'lower' } as const

  it('are rows of the contract, each with its p adjusted for their number', () => {
    const rows = judgeAll([
      { ...row, metric: 'fault.ns.p50', base: around(100), new: around(110) },
      { ...row, metric: 'fault.ns.p99', base: around(900), new: around(900) },
    ])
    expect(rows.map((each) => ComparedMetric.parse(each).verdict)).toEqual(['different', 'same'])
    expect(rows[0].pAdjusted).toBeCloseTo(2 * rows[0].p, 12)
    expect(rows[1].pAdjusted).toBe(1)
  })
})

describe('the verdict on two lanes of one run', () => {
  it('sees a 3 % change that a slow spell of 30 % hides from the unpaired test', () => {
    const machine = [1, 1, 1.3, 1.3, 1, 1.3, 1, 1, 1.3, 1]
    const base = machine.map((slow, block) => 100 * slow * (1 + (block % 3) / 1000))
    const next = machine.map((slow, block) => 103 * slow * (1 + (block % 4) / 1000))
    expect(judgeBlocked(base, next).verdict).toBe('different')
    expect(judge(base, next).verdict).toBe('unknown')
  })

  it('has no interval, and no verdict, below six blocks', () => {
    expect(judgeBlocked([1, 2, 3, 4, 5], [2, 4, 6, 8, 10])).toMatchObject({ verdict: 'unknown', low: null, high: null })
  })

  it('is same where every block has twice the same, with a shift only from a base that is not 0', () => {
    const same = { verdict: 'same', low: 0, high: 0, p: 1 }
    expect(judgeBlocked([7, 8, 9], [7, 8, 9])).toMatchObject({ ...same, shift: 0 })
    expect(judgeBlocked([0, 0, 0], [0, 0, 0])).toMatchObject({ ...same, shift: null })
  })

  it('judges values that reach 0 by their differences, without an interval', () => {
    const base = [0, 5, 9, 2, 7, 4, 8, 3]
    const noInterval = { shift: null, low: null, high: null }
    const toAndFro = base.map((value, block) => value + (block % 2 === 0 ? 1 : -1) * (1 + block / 10))
    expect(judgeBlocked(base, toAndFro)).toMatchObject({ ...noInterval, verdict: 'unknown' })
    expect(judgeBlocked(base, toAndFro).p).toBeGreaterThan(0.5)
    const more = base.map((value, block) => value + 1 + block / 10)
    expect(judgeBlocked(base, more)).toMatchObject(noInterval)
    expect(judgeBlocked(base, more).p).toBeCloseTo(2 / 2 ** base.length, 12)
  })

  it('refuses blocks that lost a trial', () => {
    expect(() => judgeBlocked([1, 2], [1])).toThrow(/one trial of each lane/)
  })
})
