import { describe, expect, it } from 'vitest'
import type { PolicyName } from '../../contract/index.ts'
import { type EngineOptions, makeEngine, makePolicy } from '../fixture-engine.ts'
import type { Policy, PolicyView } from './policy.ts'

/** Each policy at work in a small engine: the victims are those its rule names. */

const PAGES = 240
const MS = 1e6

interface Moved {
  slot: number
  /** Its place among the pages of the pool by their store, 0 the oldest. */
  rank: number
  ageNs: number
}

/** An engine whose victims are written down. One look at the clock takes 50 µs. */
function watched(policy: Policy, options: Partial<EngineOptions> = {}) {
  const engine = makeEngine({
    pages: PAGES,
    frames: 96,
    poolLimit: 24,
    lane: 'writeback on',
    policy,
    clockStepNs: 5e4,
    background: 8,
    swap: { slow: 0 },
    ...options,
  })
  const { mm, clock } = engine
  const compressed = engine.pool()
  const { frontswap } = mm
  if (!compressed || !frontswap) throw new Error('the engine has no backend')
  const pool: { slot: number; at: number }[] = []
  const victims: Moved[] = []
  const repatriated: Moved[] = []
  const find = (slot: number): Moved => {
    const rank = pool.findIndex((entry) => entry.slot === slot)
    return { slot, rank, ageNs: clock.now() - (pool[rank]?.at ?? 0) }
  }
  const remove = (slot: number) => {
    const { rank } = find(slot)
    if (rank >= 0) pool.splice(rank, 1)
  }

  const store = frontswap.store.bind(frontswap)
  frontswap.store = (slot, frame) => {
    const stored = store(slot, frame)
    remove(slot)
    if (stored) pool.push({ slot, at: clock.now() })
    return stored
  }
  const load = frontswap.load.bind(frontswap)
  const take = frontswap.take.bind(frontswap)
  const removed = (slot: number, gone: boolean) => {
    if (gone) remove(slot)
    return gone
  }
  frontswap.load = (slot, frame) => removed(slot, load(slot, frame))
  frontswap.take = (slot, frame) => removed(slot, take(slot, frame))
  const invalidatePage = frontswap.invalidatePage.bind(frontswap)
  frontswap.invalidatePage = (slot) => {
    remove(slot)
    invalidatePage(slot)
  }
  const readForWriteback = mm.readForWriteback.bind(mm)
  mm.readForWriteback = (slot) => {
    victims.push(find(slot))
    return readForWriteback(slot)
  }
  const repatriate = mm.repatriate.bind(mm)
  mm.repatriate = (slot, window) => {
    const moved = find(slot)
    const done = repatriate(slot, window)
    if (done) repatriated.push(moved)
    return done
  }

  return {
    ...engine,
    victims,
    repatriated,
    counters: compressed.counters,
    /** Touches so many pages in turn, writing. */
    sweep(count = PAGES, from = 0) {
      for (let i = 0; i < count; i++) engine.access((from + i) % PAGES, true)
    },
    /** Nothing is accessed for so long. */
    idle(ms: number) {
      for (const end = clock.now() + ms * MS; clock.now() < end; ) {
        mm.tick(clock.now())
        mm.drain()
      }
    },
    end() {
      mm.drain()
      expect([...mm.audit(), ...compressed.audit(true)]).toEqual([])
    },
  }
}

const policy = (name: PolicyName, parameters: Record<string, number> = {}) => makePolicy(name, parameters)
const all = <T>(length: number, value: T): T[] => Array<T>(length).fill(value)

describe('policies that write back the oldest zpage', () => {
  it.each([
    ['lru-zpage', {}],
    ['batch-at-limit', { batch: 4 }],
    ['watermark', { batch: 4 }],
    ['protected-feedback', {}],
    ['idle-drip', { quiet: 0.02, interval: 0.005, batch: 3 }],
    ['idle-age', { age: 0.02 }],
    ['cold-age', { interval: 0.03, youngest: 0.01, target: 1000 }],
    ['senpai', { tick: 0.01, interval: 1, target: 60_000, tighten: 0.5 }],
  ] as [PolicyName, Record<string, number>][])('%s', (name, parameters) => {
    const engine = watched(policy(name, parameters))
    for (let round = 0; round < 3; round++) {
      engine.sweep()
      engine.idle(60)
    }
    expect(engine.victims.length).toBeGreaterThan(8)
    expect(engine.victims.map(({ rank }) => rank)).toEqual(all(engine.victims.length, 0))
    engine.end()
  })
})

describe('policies that write back the oldest frame, whole', () => {
  it.each([
    ['lru-frame', {}],
    ['one-per-store', {}],
    ['lru-balance', { ratio: 0.1 }],
  ] as [PolicyName, Record<string, number>][])('%s', (name, parameters) => {
    // Two zpages of this size share a frame, and where nothing is loaded they were stored one after the other.
    const engine = watched(policy(name, parameters), { size: () => 1500 })
    engine.sweep()
    expect(engine.victims.length).toBeGreaterThan(8)
    expect(engine.victims.map(({ rank }) => rank)).toEqual(all(engine.victims.length, 0))
    expect(engine.counters.writeback_frames).toBe(engine.victims.length / 2)
    engine.end()
  })
})

describe('when they do it', () => {
  it('lru-balance holds the pool at its share of the resident pages, far below its limit', () => {
    const engine = watched(policy('lru-balance', { ratio: 0.25 }), { frames: 160, poolLimit: 100, inflight: 24 })
    for (let round = 0; round < 3; round++) engine.sweep()
    engine.end()
    const { activePages, inactivePages } = engine.mm
    expect(engine.counters.pers_pageframes).toBeLessThanOrEqual(Math.ceil((activePages + inactivePages) / 4) + 8)
  })

  it('idle-drip leaves a busy pool alone, and empties a quiet one batch by batch', () => {
    const engine = watched(policy('idle-drip', { quiet: 0.1, interval: 0.01, batch: 2 }))
    engine.sweep()
    expect(engine.victims).toEqual([])
    engine.idle(50)
    expect(engine.victims).toEqual([])
    engine.idle(75)
    expect(engine.victims.length).toBeGreaterThan(2)
    expect(engine.victims.length).toBeLessThanOrEqual(8)
    engine.end()
  })

  it('idle-age writes back nothing that is younger than its age, and everything that is older', () => {
    const engine = watched(policy('idle-age', { age: 0.05 }))
    engine.sweep()
    engine.idle(200)
    // The policy sees time in steps of 1 ms.
    for (const { ageNs } of engine.victims) expect(ageNs).toBeGreaterThan(49 * MS)
    expect(engine.counters.pers_zpages).toBe(0)
    engine.end()
  })

  it('cold-age waits until it has seen at which age pages come back', () => {
    const engine = watched(policy('cold-age', { interval: 0.5, youngest: 0.001, target: 1000 }))
    engine.sweep(120)
    engine.idle(100)
    expect(engine.victims).toEqual([])
    engine.idle(600)
    expect(engine.victims.length).toBeGreaterThan(0)
    engine.end()
  })

  it('senpai gives the pool up step by step while nobody stalls', () => {
    const engine = watched(policy('senpai', { tick: 0.01, interval: 1, tighten: 0.1 }))
    engine.sweep()
    const full = engine.counters.pers_pageframes
    engine.idle(2000)
    expect(full).toBeGreaterThan(20)
    expect(engine.counters.pers_pageframes).toBeLessThanOrEqual(16)
    expect(engine.counters.pers_pageframes).toBeGreaterThan(8)
    engine.end()
  })

  it('protected-feedback asks for less than lru-zpage would, by the pages that came back from disk', () => {
    const inner = policy('protected-feedback')
    const plain = policy('lru-zpage')
    let refaults = 0
    let withheld = 0
    const engine = watched({
      ...inner,
      onReclaim(view) {
        const wanted = plain.onReclaim?.(view) ?? 0
        const asked = inner.onReclaim?.(view) ?? 0
        expect(asked).toBeLessThanOrEqual(Math.max(0, wanted - (view.refaults - refaults)))
        refaults = view.refaults
        withheld += wanted - asked
        return asked
      },
    })
    for (let round = 0; round < 4; round++) engine.sweep()
    expect(refaults).toBeGreaterThan(8)
    expect(withheld).toBeGreaterThan(8)
    engine.end()
  })

  it.each(['none', 'reject', 'frontswap-shrink'] as const)(
    '%s writes nothing back, and younger pages go to disk instead',
    (name) => {
      const engine = watched(policy(name))
      for (let round = 0; round < 3; round++) engine.sweep()
      expect(engine.victims).toEqual([])
      expect(engine.counters.age_inversions).toBeGreaterThan(0)
      engine.end()
    },
  )

  it('none writes nothing back even where a full pool waits, which reject does', () => {
    for (const [name, some] of [
      ['none', false],
      ['reject', true],
    ] as const) {
      const engine = watched(policy(name), { full: 'wait' })
      for (let round = 0; round < 3; round++) engine.sweep()
      expect(engine.victims.length > 0, name).toBe(some)
      engine.end()
    }
  })
})

describe('policies with an order of their own', () => {
  /** The policy, and what it chose from with what came of it. */
  function asked(inner: Policy, look: (view: PolicyView, victim: number) => void): Policy {
    return {
      ...inner,
      victim(view) {
        const victim = inner.victim?.(view) ?? -1
        look(view, victim)
        return victim
      },
    }
  }

  it('incompressible-first takes the largest of the oldest', () => {
    const engine = watched(
      asked(policy('incompressible-first', { scan: 8 }), (view, victim) => {
        let zpage = view.oldest()
        let largest = 0
        for (let i = 0; i < 8 && zpage >= 0; i++, zpage = view.younger(zpage))
          largest = Math.max(largest, view.bytesOf(zpage))
        expect(view.bytesOf(victim)).toBe(largest)
      }),
    )
    for (let round = 0; round < 3; round++) engine.sweep()
    expect(engine.victims.length).toBeGreaterThan(8)
    expect(Math.max(...engine.victims.map(({ rank }) => rank))).toBeLessThan(8)
    engine.end()
  })

  it('second-chance writes back only what an earlier look has marked', () => {
    const chosen: number[] = []
    const engine = watched(
      asked(policy('second-chance', { scan: 4 }), (view, victim) => {
        chosen.push(victim)
        if (victim >= 0) expect(view.mark(victim)).toBe(true)
      }),
    )
    for (let round = 0; round < 3; round++) engine.sweep()
    expect(chosen[0]).toBe(-1)
    expect(engine.victims.length).toBeGreaterThan(8)
    engine.end()
  })

  it('cost-benefit takes sparse frames before full ones', () => {
    const fills = { chosen: 0, chosenCount: 0, oldest: 0 }
    const bytesBeside = (view: PolicyView, zpage: number) => {
      const other = view.neighbour(zpage)
      return view.bytesOf(zpage) + (other < 0 ? 0 : view.bytesOf(other))
    }
    const engine = watched(
      asked(policy('cost-benefit'), (view, victim) => {
        if (victim < 0) return
        fills.chosenCount++
        fills.chosen += bytesBeside(view, victim)
        fills.oldest += bytesBeside(view, view.oldest())
      }),
    )
    for (let round = 0; round < 3; round++) engine.sweep()
    expect(fills.chosenCount).toBeGreaterThan(8)
    expect(fills.chosen).toBeLessThan(fills.oldest)
    engine.end()
  })

  it.each([
    ['the order of the slots', 0],
    ['the order of their stores', 1],
  ])('frontswap-shrink brings pages back in %s, once memory is free', (_order, byAge) => {
    const engine = watched(policy('frontswap-shrink', { interval: 0.5, inertia: 2, share: 0.2, byAge }), {
      size: () => 1000,
      poolLimit: 48,
    })
    // Slots go by the first eviction, and a page that is only read keeps its own: now they are stored from the last to the first.
    engine.sweep(110)
    for (let vpn = 109; vpn >= 0; vpn--) engine.access(vpn, false)
    for (let vpn = 0; vpn < PAGES; vpn += 3) engine.mm.free(vpn)
    expect(engine.repatriated).toEqual([])
    engine.idle(3000)
    const batch = engine.repatriated
    expect(batch.length).toBeGreaterThan(4)
    if (byAge === 1) expect(batch.map(({ rank }) => rank)).toEqual(all(batch.length, 0))
    else {
      // Every batch begins with the lowest slot that is left.
      const slots = batch.map(({ slot }) => slot)
      expect(slots).toEqual([...slots].sort((a, b) => a - b))
      expect(Math.max(...batch.map(({ rank }) => rank))).toBeGreaterThan(0)
    }
    expect(engine.mm.counters.repatriated_pages).toBe(engine.repatriated.length)
    engine.end()
  })
})
