import { describe, expect, it } from 'vitest'
import type { PolicyName } from '../../contract/index.ts'
import { FakeView } from './fixture-view.ts'
import { POLICIES, policyParameters } from './index.ts'
import type { Policy } from './policy.ts'

/** The rule of each policy, against a pool that is as the test says. */

function make(name: PolicyName, parameters: Record<string, number> = {}): Policy {
  return POLICIES[name].create(policyParameters(POLICIES[name], parameters))
}

/** A pool of this many frames with two zpages in each, the limit 1000 frames. */
function pool(frames: number): FakeView {
  const view = new FakeView()
  view.storeMany(2 * frames)
  view.poolFrames = frames
  return view
}

describe('what all policies have in common', () => {
  it.each(Object.entries(POLICIES))('%s is listed under its own name, with usable defaults', (name, entry) => {
    expect(entry.name).toBe(name)
    for (const { name: parameter, default: value, min, max } of entry.parameters) {
      expect(value, parameter).toBeGreaterThanOrEqual(min)
      expect(value, parameter).toBeLessThanOrEqual(max)
    }
  })

  it.each(Object.keys(POLICIES) as PolicyName[])('%s answers an empty pool with nothing', (name) => {
    const view = new FakeView()
    view.poolLimit = 64
    const policy = make(name)
    expect(policy.victim?.(view) ?? -1).toBe(-1)
    expect(policy.onReclaim?.(view) ?? 0).toBe(0)
    expect(policy.repatriate?.(view) ?? 0).toBe(0)
    expect(Math.max(...view.ticks(policy, 100, 1))).toBe(0)
  })
})

describe('none', () => {
  it('never writes back, not even where a full pool waits for room', () => {
    const view = pool(1000)
    const policy = make('none')
    expect([policy.onFull, policy.onReclaim, policy.onTick]).toEqual([undefined, undefined, undefined])
    expect(view.victims(policy, 1)).toEqual([])
  })
})

describe('reject', () => {
  it('starts nothing by itself', () => {
    const { onFull, onReclaim, onTick, victim } = make('reject')
    expect([onFull, onReclaim, onTick, victim]).toEqual([undefined, undefined, undefined, undefined])
  })
})

describe('lru-frame and lru-zpage', () => {
  it('rest while the headroom of 1/32 is left, and then ask for as much as brings it to twice that', () => {
    for (const [frames, wanted] of [
      [969, 0],
      [970, 32],
      [1000, 62],
    ]) {
      expect(make('lru-frame').onReclaim?.(pool(frames))).toBe(wanted)
      expect(make('lru-zpage').onReclaim?.(pool(frames))).toBe(2 * wanted)
    }
  })
})

describe('one-per-store and batch-at-limit', () => {
  it('answer a full pool with one frame and with a batch', () => {
    const view = pool(1000)
    expect(make('one-per-store')).toMatchObject({ unit: 'frame' })
    expect(make('one-per-store').onFull?.(view)).toBe(1)
    expect(make('batch-at-limit').onFull?.(view)).toBe(16)
    expect(make('batch-at-limit', { batch: 5 }).onFull?.(view)).toBe(5)
  })
})

describe('watermark', () => {
  it('refuses from the limit down to the accept threshold, and works meanwhile', () => {
    const view = pool(1000)
    const policy = make('watermark')
    for (const meetsLimit of [policy.onLimit, policy.onFull]) {
      view.poolFrames = 950
      expect([policy.accepts?.(view), policy.onReclaim?.(view)]).toEqual([true, 0])
      expect(meetsLimit?.(view)).toBe(0)
      view.poolFrames = 901
      expect([policy.accepts?.(view), policy.onReclaim?.(view)]).toEqual([false, 32])
      view.poolFrames = 900
      expect([policy.accepts?.(view), policy.onReclaim?.(view)]).toEqual([true, 0])
    }
  })
})

describe('watermark without hysteresis', () => {
  it('writes back until the pool is under its limit again, and takes stores from there on', () => {
    const view = pool(1000)
    const policy = make('watermark', { accept: 1 })
    policy.onLimit?.(view)
    expect([policy.accepts?.(view), policy.onTick?.(view)]).toEqual([false, 32])
    view.poolFrames = 999
    expect([policy.accepts?.(view), policy.onTick?.(view)]).toEqual([true, 0])
  })
})

describe('lru-balance-ephemeral-first', () => {
  it('writes nothing back while dropped ephemeral frames give reclaim what it wants, and balances when they do not', () => {
    const view = pool(300)
    view.activePages = 150
    view.inactivePages = 100
    view.wanted = 32
    view.dropped = 32
    expect(make('lru-balance-ephemeral-first').onReclaim?.(view)).toBe(0)
    expect(make('lru-balance').onReclaim?.(view)).toBe(50)
    view.dropped = 31
    expect(make('lru-balance-ephemeral-first').onReclaim?.(view)).toBe(50)
  })
})

describe('lru-balance', () => {
  it('asks for the frames by which the pool outnumbers both lists of resident pages', () => {
    const view = pool(500)
    view.activePages = 300
    view.inactivePages = 150
    expect(make('lru-balance').onReclaim?.(view)).toBe(50)
    view.inactivePages = 200
    expect(make('lru-balance').onReclaim?.(view)).toBe(0)
    expect(make('lru-balance', { ratio: 0.5 }).onReclaim?.(view)).toBe(250)
  })
  it('takes whole frames, the oldest first', () => {
    expect(make('lru-balance')).toMatchObject({ unit: 'frame' })
    expect(make('lru-balance').victim).toBeUndefined()
  })
})

describe('idle-drip', () => {
  it('waits for 30 s without a store, then gives 32 zpages each second', () => {
    const view = pool(100)
    const policy = make('idle-drip')
    expect(view.ticks(policy, 30, 1)).toEqual(Array(30).fill(0))
    expect(view.ticks(policy, 4, 0.5)).toEqual([0, 32, 0, 32])
  })
  it('starts over with every store, and ends with the pool', () => {
    const view = pool(20)
    const policy = make('idle-drip', { quiet: 2, interval: 1 })
    view.ticks(policy, 2, 1)
    view.store()
    expect(view.ticks(policy, 6, 1)).toEqual([0, 0, 32, 9, 0, 0])
  })
  it('takes a refused store for a store', () => {
    const view = pool(20)
    const policy = make('idle-drip', { quiet: 2 })
    view.ticks(policy, 2, 1)
    view.rejects++
    expect(view.ticks(policy, 3, 1)).toEqual([0, 0, 32])
  })
})

describe('idle-age', () => {
  it('writes back what was stored longer ago than its age, and nothing younger', () => {
    const view = new FakeView()
    const policy = make('idle-age', { age: 10 })
    const old = [view.store(), view.store()]
    view.now = 5e9
    view.store()
    expect(view.ticks(policy, 1, 4)).toEqual([0])
    view.now = 10e9
    expect(policy.onTick?.(view)).toBe(2)
    expect(view.victims(policy, 2)).toEqual(old)
    expect(policy.onTick?.(view)).toBe(0)
  })
  it('looks at no more than its batch at once', () => {
    const view = pool(100)
    view.now = 1e12
    expect(make('idle-age', { batch: 7 }).onTick?.(view)).toBe(7)
  })
})

describe('incompressible-first', () => {
  it('takes the largest of the oldest, the older of two equals, and does not look beyond its scan', () => {
    const view = new FakeView()
    const [a, b, c, d] = [900, 3000, 3000, 2000].map((bytes) => view.store(bytes))
    view.store(3500)
    expect(view.victims(make('incompressible-first', { scan: 4 }), 1)).toEqual([b])
    expect(view.victims(make('incompressible-first', { scan: 3 }), 2)).toEqual([c, 4])
    expect(view.victims(make('incompressible-first'), 2)).toEqual([d, a])
  })
})

describe('second-chance', () => {
  it('lets every zpage go round once before it is written back', () => {
    const view = new FakeView()
    view.storeMany(3)
    const policy = make('second-chance')
    expect(policy.victim?.(view)).toBe(0)
    expect([0, 1, 2].map((zpage) => view.mark(zpage))).toEqual([true, true, true])
  })
  it('takes one that was marked before, and gives those stored since their own first round', () => {
    const view = new FakeView()
    view.storeMany(2)
    const policy = make('second-chance', { scan: 2 })
    expect(policy.victim?.(view)).toBe(-1) // both are marked now
    const young = view.store()
    expect(view.victims(policy, 2)).toEqual([0, 1])
    expect(view.mark(young)).toBe(false)
  })
  it('ends a pass without a victim where its scan met only zpages it did not know', () => {
    const view = pool(100)
    expect(make('second-chance', { scan: 8 }).victim?.(view)).toBe(-1)
    expect(view.oldest()).toBe(8)
  })
})

describe('protected-feedback', () => {
  it('asks for less the more of the pool is protected or dense', () => {
    const view = pool(1000)
    // 2000 stores, halved until at most a quarter of 2000 zpages: 500 protected; 1500 zpages at 2 to a frame are 750.
    expect(make('protected-feedback').onReclaim?.(view)).toBe(124)
    view.poolLimit = 2000
    view.poolFrames = 1990
    expect(make('protected-feedback', { headroom: 0.25 }).onReclaim?.(view)).toBeLessThanOrEqual(1500)
    expect(make('protected-feedback', { headroom: 0 }).onReclaim?.(view)).toBe(23)
  })
  it('shields nothing in a pool without turnover, and up to its share in one that turns over', () => {
    const still = pool(1000)
    still.stores = 0
    still.poolFrames = 1000
    const headroom = { headroom: 0.25 }
    expect(make('protected-feedback', headroom).onReclaim?.(still)).toBe(1000)
    const busy = pool(1000)
    expect(make('protected-feedback', headroom).onReclaim?.(busy)).toBe(750)
  })
  it('withholds one zpage for each page faulted from disk since the last look, and carries the rest over', () => {
    const view = pool(970)
    const policy = make('protected-feedback')
    expect(policy.onReclaim?.(view)).toBe(64)
    view.refaults = 70
    expect(policy.onReclaim?.(view)).toBe(0)
    expect(policy.onReclaim?.(view)).toBe(58)
    expect(policy.onReclaim?.(view)).toBe(64)
  })
})

describe('cold-age', () => {
  const quick = { interval: 10, youngest: 1, percentile: 0 }
  /** An interval in which loads come at these ages, s; afterwards, the age at which a zpage is written back, of 1..60 s or none. */
  function thresholdAfter(ages: number[], parameters: Record<string, number>): number | null {
    const view = new FakeView()
    view.activePages = 1000
    const policy = make('cold-age', { ...quick, ...parameters })
    view.ticks(policy, 1, 1)
    for (const age of ages) {
      const zpage = view.store()
      view.now += age * 1e9
      view.load(policy, zpage)
      view.now -= age * 1e9
    }
    view.ticks(policy, 10, 1)
    view.store()
    const written = view.ticks(policy, 60, 1).indexOf(1)
    return written < 0 ? null : written + 1
  }
  it('writes nothing back before a first interval has been looked at', () => {
    const view = pool(100)
    expect(view.ticks(make('cold-age', { ...quick, youngest: 0.001 }), 10, 1)).toEqual(Array(10).fill(0))
  })
  it('chooses the smallest age that no load had, where no page may come back', () => {
    // The bins are four to an octave: the first that begins above 8 s begins at 8.2 s.
    expect(thresholdAfter([2, 8, 5], { target: 0, interval: 80 })).toBeNull()
    expect(thresholdAfter([2, 8, 5], { target: 0 })).toBe(9)
    expect(thresholdAfter([2], { target: 0 })).toBe(3)
  })
  it('goes below the age of so many loads as the target allows', () => {
    // 0.6 % a minute of 1000 pages is one in 10 s.
    expect(thresholdAfter([2, 2, 8], { target: 0.006 })).toBe(3)
    expect(thresholdAfter([2, 8, 8], { target: 0.006 })).toBe(9)
  })
  it('calls nothing cold that is younger than its limit', () => {
    expect(thresholdAfter([], { target: 0, youngest: 7 })).toBe(7)
  })
  it('takes pages faulted from disk for loads as old as the threshold, so that a mistake raises it', () => {
    const view = new FakeView()
    view.activePages = 1000
    const policy = make('cold-age', { interval: 10, youngest: 1, target: 0, percentile: 0 })
    view.ticks(policy, 11, 1)
    view.store()
    expect(view.ticks(policy, 2, 1)).toEqual([1, 0])
    view.refaults = 3
    view.ticks(policy, 10, 1)
    view.store()
    expect(view.ticks(policy, 1, 0.0005)).toEqual([0])
  })
  it('uses a high percentile of its history, or the last answer where that is higher', () => {
    const view = new FakeView()
    view.activePages = 1000
    const policy = make('cold-age', { interval: 10, youngest: 1, target: 0, percentile: 0.5, history: 4 })
    const interval = (age: number) => {
      const zpage = view.store()
      view.now += age * 1e9
      view.load(policy, zpage)
      view.ticks(policy, 11, 1)
    }
    for (const age of [30, 2, 2, 2]) interval(age)
    const young = view.store()
    expect(view.ticks(policy, 5, 1)).toEqual([0, 0, 1, 0, 0])
    expect(view.holds(young)).toBe(false)
  })
})

describe('senpai', () => {
  const quick = { tick: 1, interval: 6, target: 10 }
  it('tightens by one per cent after an interval without stall, and writes back what is over', () => {
    const view = pool(1000)
    const asked = view.ticks(make('senpai', quick), 8, 1)
    expect(asked).toEqual([0, 0, 0, 0, 0, 0, 20, expect.any(Number)])
  })
  it('tightens less the closer stall comes to the target', () => {
    const view = pool(1000)
    const policy = make('senpai', quick)
    view.ticks(policy, 1, 1)
    view.stallNs = 5e6
    // (10 / 5 / 10)² of one per cent of 1000 frames is 0.4: one frame, two zpages.
    expect(view.ticks(policy, 6, 1).at(-1)).toBe(2)
  })
  it('loosens at once when stall passes the target, by the square of how far', () => {
    const view = pool(1000)
    const policy = make('senpai', { ...quick, tighten: 0.5 })
    view.ticks(policy, 7, 1)
    view.storeMany(2000 - view.zpages)
    view.stallNs = 100e6
    // 500 frames and (100 / 10 / 20)² = a quarter more.
    expect(view.ticks(policy, 1, 1)).toEqual([750])
  })
  it('never drives its limit below 16 frames', () => {
    const view = pool(1000)
    const policy = make('senpai', { ...quick, interval: 1, tighten: 1 })
    view.ticks(policy, 1, 1)
    view.now += 1e9
    expect(policy.onTick?.(view)).toBe(2 * (1000 - 16))
  })
})

describe('cost-benefit', () => {
  const policy = make('cost-benefit')
  it('prefers a frame with one zpage to one with two of the same fill and age: one write for a frame', () => {
    const view = new FakeView()
    view.store(500, 1)
    view.store(500, 1)
    const alone = view.store(1000, 2)
    view.now = 1e9
    expect(policy.victim?.(view)).toBe(alone)
  })
  it('prefers the sparser of two frames of the same age, and the older of two of the same fill', () => {
    const view = new FakeView()
    view.store(3000)
    const sparse = view.store(500)
    view.now = 1e9
    const [first] = view.victims(policy, 1)
    expect(first).toBe(sparse)
    view.store(3000)
    view.now = 2e9
    expect(policy.victim?.(view)).toBe(0)
  })
  it('counts the age from the younger zpage of a frame', () => {
    const view = new FakeView()
    view.store(1000, 1)
    const waiting = view.store(2000, 2)
    view.now = 9e9
    view.store(1000, 1)
    view.now = 10e9
    expect(policy.victim?.(view)).toBe(waiting)
  })
  it('refuses zpages above its admission limit', () => {
    const view = new FakeView()
    expect(policy.admit?.(view, 3584, 0)).toBe(true)
    const strict = make('cost-benefit', { admit: 3000 })
    expect([3000, 3001].map((bytes) => strict.admit?.(view, bytes, 0))).toEqual([true, false])
  })
})

describe('frontswap-shrink', () => {
  const looks = (view: FakeView, policy: Policy, count: number) =>
    Array.from({ length: count }, () => {
      view.now += 5e9
      return policy.repatriate?.(view)
    })
  it('brings back 1/20 of the zpages each 5 s, after three looks without growth', () => {
    const view = pool(100)
    const policy = make('frontswap-shrink')
    expect(looks(view, policy, 5)).toEqual([0, 0, 0, 10, 10])
    view.now += 1e9
    expect(policy.repatriate?.(view)).toBe(0)
  })
  it('starts its countdown over when the pool grows', () => {
    const view = pool(100)
    const policy = make('frontswap-shrink')
    looks(view, policy, 3)
    view.store()
    expect(looks(view, policy, 4)).toEqual([0, 0, 0, 10])
  })
  it('brings back everything where a twentieth is one or less, and writes nothing back', () => {
    const view = new FakeView()
    view.storeMany(21)
    const policy = make('frontswap-shrink')
    expect(looks(view, policy, 4).at(-1)).toBe(1)
    view.remove(0)
    expect(looks(view, policy, 1)).toEqual([20])
    expect(view.victims(policy, 1)).toEqual([])
  })
  it('brings nothing back with a share of 0', () => {
    expect(looks(pool(100), make('frontswap-shrink', { share: 0 }), 5)).toEqual([0, 0, 0, 0, 0])
  })
  it('goes by slot unless told to go by age', () => {
    expect(make('frontswap-shrink')).toMatchObject({ repatriateOrder: 'slot', repatriateWindowNs: 5e9 })
    expect(make('frontswap-shrink', { byAge: 1 })).toMatchObject({ repatriateOrder: 'age' })
  })
})
