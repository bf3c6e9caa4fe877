import { describe, expect, it } from 'vitest'
import {
  type Comparison,
  type LaneComparison,
  POLICY_PARAMETERS,
  type PolicyFacts,
  type Trend,
} from '../../contract/index.ts'
import { allocatorsText, comparisonText, laneComparisonText, policiesText, trendText } from './listings.ts'
import { labDoor } from './open-client.ts'

const simulated = { id: 's', name: 'a model', mode: 'simulate' } as const
const measured = { id: 'm', name: 'a disk', mode: 'measure' } as const

describe('figures that were not measured', () => {
  const SAID = 'SIMULATED on a virtual clock, not measured.'

  it('say so in a comparison of runs', async () => {
    const between = (base: Comparison['base']): Comparison => ({
      base,
      new: [base],
      warnings: [],
      metrics: [],
      gates: [],
    })
    const text = comparisonText(between(simulated), await labDoor())
    expect(text).toContain('s (a model, simulated) against s (a model, simulated)')
    expect(text).toContain(SAID)
    expect(comparisonText(between(measured), await labDoor())).toBe('m (a disk) against m (a disk)')
  })

  it('say so in a comparison of lanes', async () => {
    const lanes: LaneComparison = {
      run: simulated,
      lanes: [],
      base: 'a',
      new: 'b',
      warnings: [],
      metrics: [],
      gates: [],
    }
    const text = laneComparisonText(lanes, await labDoor())
    expect(text).toContain('"a" against "b" in s (a model, simulated)')
    expect(text).toContain(SAID)
    expect(laneComparisonText({ ...lanes, run: measured }, await labDoor())).not.toMatch(/simulated/i)
  })

  it('say so in a trend', async () => {
    const trend: Trend = {
      experimentHash: 'x',
      name: 'a model',
      mode: 'simulate',
      hostId: 'h',
      hostname: 'lab',
      lanes: ['raw'],
      lane: 'raw',
      metrics: ['accesses.per_s'],
      metric: 'accesses.per_s',
      unit: 'per_s',
      better: 'higher',
      runs: 0,
      points: [],
      steps: [],
      smallest: null,
      reason: 'No points.',
      baseline: null,
    }
    expect(trendText(trend, await labDoor())).toContain(SAID)
    expect(trendText({ ...trend, mode: 'measure' }, await labDoor())).not.toMatch(/simulated/i)
  })
})

describe('allocators', () => {
  it('say whether they give a frame back on demand', () => {
    const facts = { title: 'x', description: 'what it does', source: 'somewhere', maxZpageBytes: 4000 }
    const text = allocatorsText([
      { ...facts, allocator: 'zbud', zpagesPerFrame: 2, frameOnDemand: true },
      { ...facts, allocator: 'zsmalloc', zpagesPerFrame: null, frameOnDemand: false },
    ])
    const [zbud, zsmalloc] = text.split('\n\n')
    expect(zbud).toMatch(/^zbud\n {2}what it does\n {2}frames on demand: yes\n {2}zpages in a frame: at most 2\n/)
    expect(zsmalloc).toMatch(/^zsmalloc\n.*\n {2}frames on demand: no, .*\n {2}zpages in a frame: as many as fit\n/)
  })
})

describe('policies', () => {
  it('show each parameter with its default as it is, its limits and its unit, and where the rule comes from', () => {
    const policy: PolicyFacts = {
      policy: 'cost-benefit',
      title: 'x',
      rule: 'a rule',
      source: 'somewhere',
      needs: [],
      parameters: [...POLICY_PARAMETERS['cost-benefit']],
      lanes: ['zcache'],
    }
    const text = policiesText([policy])
    expect(text).toContain('admit = 4096 bytes (64 to 4096): larger zpages are refused')
    expect(text).toContain('headroom = 0.03125 share (0 to 0.25): of the pool limit, at least 16 frames; source: ours')
    expect(text).toContain('from somewhere')
  })
})
