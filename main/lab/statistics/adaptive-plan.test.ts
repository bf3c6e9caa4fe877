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

  it('first gets to the six blocks without which there is no interval', () => {
    expect(adaptivePlan({ comparisons: [compare(judged('unknown', null, null, 3))] }).blocks).toBe(3)
  })

  it('asks for what the width of the interval needs, at most twice what there is', () => {
    // Half width 2.4 % at 20 blocks; 2 % needs 20 × 1.44 = 29.
    expect(adaptivePlan({ comparisons: [compare(judged('unknown', 0.005, 0.053, 20))] }).blocks).toBe(9)
    expect(adaptivePlan({ comparisons: [compare(judged('unknown', -0.3, 0.3, 20))] }).blocks).toBe(20)
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
