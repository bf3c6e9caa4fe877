import { describe, expect, it } from 'vitest'
import { type AdaptiveState, adaptivePlan } from './adaptive-plan.ts'

type Comparison = AdaptiveState['comparisons'][number]
type Judged = Comparison['judged']

const judged = (
  verdict: Judged['verdict'],
  low: number | null,
  high: number | null,
  n: number,
  pAdjusted = 0.2,
): Judged => ({
  verdict,
  low,
  high,
  pAdjusted,
  n: { base: n, new: n },
})
const compare = (of: Judged, lanes: Comparison['lanes'] = ['raw', 'zcache']): Comparison => ({
  lanes,
  metric: 'fault.ns.p50',
  judged: of,
})

describe('collecting more', () => {
  it('stops where the lanes are the same, within half the band', () => {
    expect(adaptivePlan({ comparisons: [compare(judged('same', -0.02, 0.025, 12))] })).toMatchObject({
      blocks: 0,
      exhausted: false,
    })
  })

  it('does not trust an early same whose interval only just fits the band', () => {
    expect(adaptivePlan({ comparisons: [compare(judged('same', -0.049, 0.02, 8))] }).blocks).toBeGreaterThan(0)
  })

  it('trusts an early different only at p ≤ 0.001', () => {
    expect(adaptivePlan({ comparisons: [compare(judged('different', 0.1, 0.3, 12, 0.0005))] }).blocks).toBe(0)
    expect(adaptivePlan({ comparisons: [compare(judged('different', 0.1, 0.3, 8, 0.0078))] }).blocks).toBeGreaterThan(0)
  })

  it('takes a comparison for settled at its bounds, and not beyond them', () => {
    // Powers of two, so that the widths are exact: same up to 3/16, different up to 1/8.
    const blocks = (judgement: Judged) =>
      adaptivePlan({ comparisons: [compare(judgement)], floor: 0.125, band: 0.375 }).blocks
    expect(blocks(judged('same', -0.1875, 0.1875, 12))).toBe(0)
    expect(blocks(judged('same', -0.1875, 0.25, 12))).toBeGreaterThan(0)
    expect(blocks(judged('different', 0.5, 0.75, 12, 0.01))).toBe(0)
    expect(blocks(judged('different', 0.5, 0.8125, 12, 0.01))).toBeGreaterThan(0)
    expect(blocks(judged('different', 0.5, 1.5, 12, 0.001))).toBe(0)
  })

  it('first gets to the six blocks without which there is no interval', () => {
    expect(adaptivePlan({ comparisons: [compare(judged('unknown', null, null, 3))] }).blocks).toBe(3)
    // Six that give none all the same: as many again.
    expect(adaptivePlan({ comparisons: [compare(judged('unknown', null, null, 6))] }).blocks).toBe(6)
  })

  it('asks for what the width of the interval needs, at most twice what there is', () => {
    // Half width 2.4 % at 20 blocks; 2 % needs 20 × 1.44 = 29.
    expect(adaptivePlan({ comparisons: [compare(judged('unknown', 0.005, 0.053, 20))] }).blocks).toBe(9)
    expect(adaptivePlan({ comparisons: [compare(judged('unknown', -0.3, 0.3, 20))] }).blocks).toBe(20)
  })

  it('asks for a quarter more at least, of the lane that has fewer trials, and for what the widest interval needs', () => {
    const narrow = judged('unknown', 0, 0.0401, 40)
    const uneven = (base: number, next: number): Judged => ({
      ...judged('unknown', -0.3, 0.3, 0),
      n: { base, new: next },
    })
    const blocks = (...of: Judged[]) => adaptivePlan({ comparisons: of.map((each) => compare(each)) }).blocks
    expect(blocks(narrow)).toBe(10)
    expect([blocks(uneven(8, 12)), blocks(uneven(12, 8))]).toEqual([8, 8])
    expect([blocks(narrow, uneven(20, 20)), blocks(uneven(20, 20), narrow)]).toEqual([20, 20])
  })

  it('asks only for the lanes of open comparisons', () => {
    const plan = adaptivePlan({
      comparisons: [
        compare(judged('same', -0.01, 0.01, 20)),
        compare(judged('unknown', -0.08, 0.08, 20), ['raw', 'zcache, writeback']),
      ],
    })
    expect(plan.lanes).toEqual(['raw', 'zcache, writeback'])
    expect(plan.reason).toBe(
      'fault.ns.p50 of zcache, writeback against raw is still open: 20 more blocks before the next look.',
    )
  })

  it('never passes the limit, and says when it ended there', () => {
    const open = (n: number) => adaptivePlan({ comparisons: [compare(judged('unknown', -0.3, 0.3, n))], limit: 30 })
    expect(open(20).blocks).toBe(10)
    expect(open(30)).toMatchObject({ blocks: 0, exhausted: true })
    expect(open(30).reason).toContain('limit of 30')
  })
})
