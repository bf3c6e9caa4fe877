import { describe, expect, it } from 'vitest'
import { FakeView } from './fixture-view.ts'
import { POLICIES } from './index.ts'
import type { Future } from './policy.ts'

/** A future in which page n is used next at uses[n]; 100 and more is never. */
function future(uses: readonly number[]): Future {
  const nextUse = (owner: number) => (uses[owner] < 100 ? uses[owner] : 100 + owner)
  const pages = uses.length
  return {
    operations: 100,
    pages,
    position: 0,
    nextUse,
    pageAt: (position) => uses.findIndex((_, owner) => nextUse(owner) === position),
  }
}

/** A full pool of limit 1000 that holds these pages, each of which is used next when `uses` says. */
function full(uses: readonly number[], held: readonly number[]) {
  const policy = POLICIES.optimal.create({})
  const view = new FakeView()
  view.poolFrames = 1000
  view.future = future(uses)
  policy.begin?.(view)
  const zpages = held.map((owner) => {
    const zpage = view.store(1000, -1, owner)
    policy.onStore?.(view, zpage)
    return zpage
  })
  return { policy, view, zpages }
}

describe('optimal', () => {
  it('writes back what is never used again, then what is used last', () => {
    const { policy, view, zpages } = full([20, 50, 100, 40], [0, 1, 2, 3])
    expect(policy.onReclaim?.(view)).toBeGreaterThan(0)
    expect(view.victims(policy, 4)).toEqual([zpages[2], zpages[1], zpages[3], zpages[0]])
    expect(policy.victim?.(view)).toBe(-1)
  })

  it('prefers a zpage that has a frame for itself, unless one of two is used more than twice as late', () => {
    const { policy, view } = full([60, 61, 40, 29], [])
    for (const [owner, frame] of [
      [0, 7],
      [1, 7],
      [2, 8],
      [3, 9],
    ])
      policy.onStore?.(view, view.store(1000, frame, owner))
    expect(view.victims(policy, 4)).toEqual([2, 1, 0, 3])
  })

  it('lets nothing into a full pool that is used later than all it holds, dirty or clean', () => {
    const { policy, view } = full([20, 50, 60, 40, 100], [0, 1])
    const enters = (owner: number) => [policy.admit?.(view, 1000, owner), policy.keepClean?.(view, owner)]
    expect(enters(2)).toEqual([false, false])
    expect(enters(3)).toEqual([true, true])
    view.poolFrames = 500
    expect(enters(2)).toEqual([true, true])
    expect(enters(4)).toEqual([false, false])
  })

  it('forgets what was freed or loaded, and what another page has taken the place of', () => {
    const { policy, view, zpages } = full([20, 50, 60], [0, 1, 2])
    view.load(policy, zpages[2])
    expect(view.victims(policy, 1)).toEqual([zpages[1]])
  })

  it('sees zpages again that stay when they are loaded, where gets are not exclusive', () => {
    const uses = [20, 50, 60]
    const { policy, view, zpages } = full(uses, [0, 1, 2])
    policy.onLoad?.(view, zpages[0])
    uses[0] = 90
    policy.onLoad?.(view, zpages[1])
    uses[1] = 70
    policy.onReclaim?.(view)
    expect(view.victims(policy, 3)).toEqual([zpages[0], zpages[1], zpages[2]])
  })

  it('runs only where it is told the future', () => {
    expect(() => POLICIES.optimal.create({}).begin?.(new FakeView())).toThrow('was not told the future')
  })
})
