import { describe, expect, it } from 'vitest'
import { makeEngine, makePolicy } from '../fixture-engine.ts'
import { FakeView } from './fixture-view.ts'
import { POLICIES, policyParameters } from './index.ts'

/** keep-clean against a pool that is as the test says, limit 1000 frames: its headroom is 31. */
function begun(poolFrames: number, parameters: Record<string, number> = {}) {
  const policy = POLICIES['keep-clean'].create(policyParameters(POLICIES['keep-clean'], parameters))
  const view = new FakeView()
  view.poolFrames = poolFrames
  policy.begin?.(view)
  return { policy, view }
}

describe('keep-clean', () => {
  it('keeps a clean page that has come back from disk before, and no other', () => {
    const { policy, view } = begun(500)
    policy.onDiskFault?.(view, 7, 1)
    expect(view.offerClean(policy, 7)).toBeGreaterThanOrEqual(0)
    expect(view.offerClean(policy, 8)).toBe(-1)
  })

  it('keeps none whose read brought neighbours along: reading it again is cheap', () => {
    const { policy, view } = begun(500)
    policy.onDiskFault?.(view, 7, 8)
    expect(view.offerClean(policy, 7)).toBe(-1)
  })

  it('gives up clean copies before it writes, the one that came back least first', () => {
    const { policy, view } = begun(500)
    const dirty = view.store()
    for (const [owner, returns] of [
      [101, 3],
      [102, 1],
      [103, 2],
    ]) {
      for (let i = 0; i < returns; i++) policy.onDiskFault?.(view, owner, 1)
      view.offerClean(policy, owner)
    }
    // Less than the headroom is free, and with the copies it is more than that.
    view.poolFrames = 980
    const asked = policy.onReclaim?.(view) ?? 0
    const victims = view.victims(policy, Math.min(asked, 1))
    expect(victims).toHaveLength(1)
    expect(victims).not.toContain(dirty)
    expect(view.holds(dirty)).toBe(true)
  })

  it('writes back the zpage that came back least among the oldest, and lets one that came back often go round', () => {
    const { policy, view } = begun(990)
    for (let owner = 0; owner < 4; owner++) view.store(1000, -1, owner)
    for (let i = 0; i < 5; i++) policy.onDiskFault?.(view, 0, 1)
    expect(policy.onReclaim?.(view)).toBeGreaterThan(0)
    expect(view.victims(policy, 1)).toEqual([1])
    expect(view.oldest()).toBe(2)
  })

  it('gives clean copies nothing but slack until they are seen to pay', () => {
    const { policy, view } = begun(960)
    view.storeMany(1900)
    const refused = (owner: number) => {
      policy.onDiskFault?.(view, owner, 1)
      return view.offerClean(policy, owner) < 0
    }
    expect(refused(1)).toBe(true)
    // Pages whose copy was refused come back again and again.
    for (let round = 0; round < 20; round++) for (let owner = 1; owner < 20; owner++) refused(owner)
    expect(refused(1)).toBe(false)
  })

  it('charges what it keeps, less than a hundredth of the pool', () => {
    const bytes = POLICIES['keep-clean'].metadataBytes?.(4096) ?? 0
    expect(bytes).toBeGreaterThan(0)
    expect(bytes).toBeLessThan(4096 * 4096 * 0.01)
  })

  it('in the engine: a copy answers a fault and stays clean, and goes without a write', () => {
    const engine = makeEngine({
      pages: 240,
      frames: 96,
      poolLimit: 24,
      lane: 'writeback on',
      policy: makePolicy('keep-clean'),
      clockStepNs: 5e4,
      background: 8,
      swap: { slow: 0 },
      readahead: 1,
    })
    const { mm } = engine
    for (let vpn = 0; vpn < 240; vpn++) engine.access(vpn, true)
    for (let round = 0; round < 40; round++)
      for (let i = 0; i < 60; i++) engine.access((i * 7 + round * 3) % 240, i % 10 === 0)
    mm.drain()
    expect(mm.counters.clean_stores).toBeGreaterThan(0)
    expect(mm.counters.clean_copies_dropped).toBeGreaterThan(0)
    expect([...mm.audit(), ...(engine.pool()?.audit(true) ?? [])]).toEqual([])
  })
})
