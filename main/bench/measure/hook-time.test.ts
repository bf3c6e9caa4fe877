import { expect, it } from 'vitest'
import type { Policy } from '../../zcache/index.ts'
import { HookTime } from './hook-time.ts'

/** What no hook here looks at. */
const view = {} as Parameters<NonNullable<Policy['victim']>>[0]

it('finds the share of each hook from the first calls and every sixteenth, and passes answers on', () => {
  let now = 0
  const time = new HookTime({ now: () => now })
  const policy = time.over({
    unit: 'zpage',
    victim: () => {
      now += 3000
      return 7
    },
    onTick: () => {
      now += 50_000
      return 2
    },
  })
  expect([policy.unit, policy.onStore, policy.onTick?.(view)]).toEqual(['zpage', undefined, 2])
  time.clear()
  for (let i = 0; i < 1600; i++) expect(policy.victim?.(view)).toBe(7)
  policy.onTick?.(view)
  const [victim, tick, ...others] = time.facts(48_000_000)
  expect(victim).toMatchObject({ hook: 'victim', calls: 1600, share: 0.1 })
  expect(victim.p50Ns).toBeGreaterThan(2900)
  expect(victim.p50Ns).toBeLessThan(3100)
  expect(tick).toMatchObject({ hook: 'onTick', calls: 1, p99Ns: null })
  expect(tick.share).toBeCloseTo(50_000 / 48_000_000, 10)
  expect(others).toEqual([])
})

it('watches what is asked before a store too', () => {
  const time = new HookTime({ now: () => 0 })
  expect(time.over({ unit: 'zpage', accepts: () => false }).accepts?.(view)).toBe(false)
  expect(time.facts(1)).toMatchObject([{ hook: 'accepts', calls: 1 }])
})
