import { describe, expect, it } from 'vitest'
import { makeEngine, makePolicy } from '../fixture-engine.ts'
import { FakeView } from './fixture-view.ts'
import { POLICIES, type Policy, policyParameters } from './index.ts'

/** keep-clean against a pool that is as the test says, limit 1000 frames: its headroom is 16. */
function begun(poolFrames: number, parameters: Record<string, number> = {}) {
  const policy = POLICIES['keep-clean'].create(policyParameters(POLICIES['keep-clean'], parameters))
  const view = new FakeView()
  view.poolFrames = poolFrames
  policy.begin?.(view)
  return { policy, view }
}

/** A page is written back from an empty pool, and at once faulted from disk. */
function comeBack(policy: Policy, view: FakeView): void {
  const zpage = view.store(1000, -1, 1000)
  expect(view.victims(policy, 1)).toEqual([zpage])
  policy.onDiskFault?.(view, 1000, 1)
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

  it('gives up copies before it writes where pages written back are wanted again', () => {
    const { policy, view } = begun(500)
    comeBack(policy, view)
    const dirty = view.store()
    for (const owner of [101, 102]) {
      policy.onDiskFault?.(view, owner, 1)
      view.offerClean(policy, owner)
    }
    // Less than the headroom is free.
    view.poolFrames = 990
    expect(policy.onReclaim?.(view)).toBeGreaterThan(0)
    const victims = view.victims(policy, 2)
    expect(victims.map((zpage) => zpage !== dirty)).toEqual([true, true])
    expect(view.cleanCopies).toBe(0)
    expect(view.holds(dirty)).toBe(true)
  })

  it('lets copies rank with all others where pages written back hardly come back', () => {
    const { policy, view } = begun(500)
    const cold = view.store(1000, -1, 100)
    policy.onDiskFault?.(view, 101, 1)
    const copy = view.offerClean(policy, 101)
    view.poolFrames = 990
    expect(policy.onReclaim?.(view)).toBeGreaterThan(0)
    expect(view.victims(policy, 2)).toEqual([cold, copy])
  })

  it('keeps no copy in a pool without free room where pages written back are wanted again', () => {
    const { policy, view } = begun(500)
    comeBack(policy, view)
    policy.onDiskFault?.(view, 7, 1)
    view.poolFrames = 990
    expect(view.offerClean(policy, 7)).toBe(-1)
    view.poolFrames = 500
    expect(view.offerClean(policy, 7)).toBeGreaterThanOrEqual(0)
  })

  it('makes room for a page that is not on disk, and none for another copy', () => {
    const { policy, view } = begun(500)
    for (const owner of [7, 8]) policy.onDiskFault?.(view, owner, 1)
    view.offerClean(policy, 7)
    expect(policy.keepClean?.(view, 8)).toBe(true)
    policy.admit?.(view, 1000, 8)
    expect(policy.onFull?.(view)).toBe(0)
    policy.admit?.(view, 1000, 9)
    expect(policy.onFull?.(view)).toBe(1)
  })

  it('writes back the zpage that came back least among the oldest, and lets one that came back often go round', () => {
    const { policy, view } = begun(990)
    for (let owner = 0; owner < 4; owner++) view.store(1000, -1, owner)
    for (let i = 0; i < 5; i++) policy.onDiskFault?.(view, 0, 1)
    expect(policy.onReclaim?.(view)).toBeGreaterThan(0)
    expect(view.victims(policy, 1)).toEqual([1])
    expect(view.oldest()).toBe(2)
  })

  /** Copies of pages that come from disk, each used or given up. */
  function copies(policy: Policy, view: FakeView, count: number, used: boolean): number {
    let kept = 0
    for (let owner = 1; owner <= count; owner++) {
      policy.onDiskFault?.(view, owner, 1)
      const copy = view.offerClean(policy, owner)
      if (copy < 0) continue
      kept++
      if (used) view.load(policy, copy)
      else expect(view.victims(policy, 1)).toEqual([copy])
    }
    return kept
  }

  it('makes hardly any copy where they are given up unused, and many again once they are used', () => {
    const { policy, view } = begun(500)
    const first = copies(policy, view, 640, false)
    expect(first).toBeLessThan(40)
    expect(first).toBeGreaterThan(640 / 64)
    expect(copies(policy, view, 640, true)).toBeGreaterThan(first)
    expect(copies(policy, view, 640, true)).toBe(640)
  })

  it('lets copies rank where they are used and those given up come back more than what was written back', () => {
    const { policy, view } = begun(500)
    copies(policy, view, 100, true)
    for (let i = 0; i < 40; i++) {
      // Of two pages written back one returns, of the copies given up each.
      view.victims(policy, view.store(1000, -1, 2000 + i) < 0 ? 0 : 1)
      if (i % 2 === 0) policy.onDiskFault?.(view, 2000 + i, 1)
      policy.onDiskFault?.(view, 3000 + i, 1)
      view.offerClean(policy, 3000 + i)
      view.victims(policy, 1)
      policy.onDiskFault?.(view, 3000 + i, 1)
    }
    const cold = view.store(1000, -1, 9999)
    const copy = view.offerClean(policy, 3000)
    expect(view.victims(policy, 2)).toEqual([cold, copy])
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
