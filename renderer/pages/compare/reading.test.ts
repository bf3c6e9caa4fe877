import { describe, expect, it } from 'vitest'
import type { ComparedMetric } from '../../../main/contract/index.ts'
import { effectWord, inOrder, nextSort, readingOf, shiftSpan, sortAt, sortText } from './reading.ts'

const metric: ComparedMetric = {
  lane: 'raw',
  metric: 'fault.ns.p99',
  unit: 'ns',
  base: 100,
  new: 120,
  shift: 0.2,
  low: 0.1,
  high: 0.3,
  cliffsDelta: 0.8,
  p: 0.01,
  pAdjusted: 0.02,
  verdict: 'different',
  better: 'lower',
  n: { base: 5, new: 5 },
  detectable: 0.1,
}

describe('a compared metric', () => {
  it('is worse when it went where it should not', () => {
    expect(readingOf(metric)).toBe('worse')
    expect(readingOf({ ...metric, better: 'higher' })).toBe('better')
    expect(readingOf({ ...metric, new: 80 })).toBe('better')
  })
  it('is neither as long as the verdict is not "different"', () => {
    expect(readingOf({ ...metric, verdict: 'same' })).toBe('same')
    expect(readingOf({ ...metric, verdict: 'unknown' })).toBe('unknown')
  })
})

it('puts all rows on one axis that holds the widest interval', () => {
  expect(shiftSpan([metric])).toBeCloseTo(0.3)
  expect(shiftSpan([])).toBe(0.05)
  expect(shiftSpan([{ ...metric, shift: null, low: null, high: 9 }])).toBe(2)
})

it("names Cliff's delta", () =>
  expect([0.1, -0.2, 0.4, -0.9].map(effectWord)).toEqual(['negligible', 'small', 'medium', 'large']))

describe('the rows of a comparison', () => {
  const rows = [
    { metric: { ...metric, metric: 'a', shift: null }, reading: 'same' },
    { metric: { ...metric, metric: 'b', shift: -0.3 }, reading: 'worse' },
    { metric: { ...metric, metric: 'c', shift: 0.1 }, reading: 'unknown' },
  ] as const
  const namesBy = (text: string) => inOrder(rows, sortAt(text)).map((row) => row.metric.metric)

  it('are ordered as the address says, and what has no figure is last both ways', () => {
    expect(namesBy('shift')).toEqual(['b', 'c', 'a'])
    expect(namesBy('-shift')).toEqual(['c', 'b', 'a'])
    expect(namesBy('verdict')).toEqual(['b', 'c', 'a'])
    expect([namesBy(''), namesBy('no.such')]).toEqual([
      ['a', 'b', 'c'],
      ['a', 'b', 'c'],
    ])
  })

  it('go from a column to its other direction, and back to the order of the metrics', () => {
    const clicks = [1, 2, 3].map((_, at) => Array.from({ length: at + 1 }, () => 'p' as const))
    const orders = clicks.map((keys) => sortText(keys.reduce<ReturnType<typeof sortAt>>(nextSort, null)))
    expect(orders).toEqual(['p', '-p', ''])
    expect(sortText(nextSort(sortAt('p'), 'shift'))).toBe('-shift')
  })
})
