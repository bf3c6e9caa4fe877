import { expect, it } from 'vitest'
import { someTrial } from '../testing/some-lane.ts'
import { policyCost } from './policy-cost.ts'

it("names each hook of a user's policy, what took most first, by medians over the trials", () => {
  const victim = (share: number) => ({ hook: 'victim', calls: 2000, share, p50Ns: 1500, p99Ns: 80_000 })
  const tick = { hook: 'onTick', calls: 12, share: 0.01, p50Ns: 900, p99Ns: null }
  const trials = [0.1, 0.3, 0.2].map((share, order) => someTrial(order, { hooks: [tick, victim(share)] }))
  expect(policyCost(trials)).toEqual([
    'The hooks of its policy took 21.0 % of the measured time: victim 20.0 % (2000 calls, p50 1.50 µs, p99 80.0 µs); onTick 1.0 % (12 calls, p50 900 ns)',
  ])
  expect(policyCost([someTrial(0)])).toEqual([])
})
