import { describe, expect, it } from 'vitest'
import { PolicyName } from '../../contract/index.ts'
import { type EngineOptions, makeEngine, makePolicy, PAGE } from '../fixture-engine.ts'

/** What a lane allows holds whatever its policy asks for: the budget, and what becomes of a store that finds the pool full. */

const PAGES = 240
const NS_PER_DAY = 86_400e9
/** What waits for minutes, made to act within a test. */
const HURRIED: Partial<Record<PolicyName, Record<string, number>>> = {
  'idle-drip': { quiet: 0.01, interval: 0.01 },
  'idle-age': { age: 0.01 },
  'cold-age': { interval: 0.01, youngest: 0.01, target: 1000 },
  senpai: { tick: 0.001, target: 60_000 },
}

/** Three sweeps of writes over more than RAM and pool hold, with a rest after each. */
function swept(name: PolicyName, options: Partial<EngineOptions>) {
  const engine = makeEngine({
    pages: PAGES,
    frames: 96,
    poolLimit: 24,
    lane: 'writeback on',
    policy: makePolicy(name, HURRIED[name]),
    clockStepNs: 5e4,
    background: 8,
    swap: { slow: 0 },
    size: () => 1500,
    ...options,
  })
  const { mm, clock } = engine
  const pool = engine.pool()
  if (!pool) throw new Error('the engine has no pool')
  const start = clock.now()
  for (let round = 0; round < 3; round++) {
    for (let vpn = 0; vpn < PAGES; vpn++) engine.access(vpn, true)
    for (const end = clock.now() + 50e6; clock.now() < end; ) {
      mm.tick(clock.now())
      mm.drain()
    }
  }
  mm.drain()
  expect([...mm.audit(), ...pool.audit(true)]).toEqual([])
  return { counters: pool.counters, elapsedNs: clock.now() - start }
}

/** Never write back, or not in so short a time and so small a pool. */
const IDLE: readonly PolicyName[] = [
  'none',
  'reject',
  'frontswap-shrink',
  'senpai',
  'lru-balance',
  'lru-balance-ephemeral-first',
]
/** Name no victim, by their rule. */
const NAME_NONE: readonly PolicyName[] = ['none', 'frontswap-shrink']

describe.each(PolicyName.options)('the limits of a lane with %s', (name) => {
  it('are a budget that is kept', () => {
    const free = swept(name, {})
    if (!IDLE.includes(name)) expect(free.counters.writtenback_pages).toBeGreaterThan(0)
    const pagesPerNs = free.counters.writtenback_pages / 4 / free.elapsedNs
    const held = swept(name, { budgetBytesPerDay: Math.max(1, pagesPerNs * PAGE * NS_PER_DAY) })
    expect(held.counters.writtenback_pages).toBeLessThanOrEqual(pagesPerNs * held.elapsedNs)
    if (free.counters.writtenback_pages > 0) expect(held.counters.writeback_skipped_budget).toBeGreaterThan(0)
  })

  it('are a full pool that is waited for, as far as the policy names victims', () => {
    const { counters } = swept(name, { full: 'wait' })
    if (NAME_NONE.includes(name)) expect(counters.age_inversions).toBeGreaterThan(0)
    // Met for the first time, none of its zpages is a victim.
    else if (name === 'second-chance')
      expect(counters.age_inversions).toBeLessThan(swept(name, { full: 'bypass' }).counters.age_inversions)
    else expect(counters.age_inversions).toBe(0)
  })
})
