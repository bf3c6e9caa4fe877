import { describe, expect, it } from 'vitest'
import { parseSpec } from '../../contract/index.ts'
import { totalCount } from '../measure/histogram.ts'
import { resultHash, simulateExperiment } from '../simulate/simulate-experiment.ts'
import { Arrivals } from './arrivals.ts'

const RATE = 20_000
const GAP = 1e9 / RATE
const uniform = { kind: 'open', rate: RATE, arrivals: 'uniform' } as const
const poisson = { kind: 'open', rate: RATE, arrivals: 'poisson' } as const

/** Carries out `count` accesses one after the other, each taking what `serviceNs` says; their response times. */
function replay(arrivals: Arrivals, count: number, serviceNs: (index: number) => number): number[] {
  let now = 0
  arrivals.start(now, count)
  return Array.from({ length: count }, (_, index) => {
    now = Math.max(now, arrivals.due)
    const due = arrivals.begin(now)
    now += serviceNs(index)
    return now - due
  })
}

describe('a schedule', () => {
  it('is evenly spaced where arrivals are uniform, whatever the accesses take', () => {
    const arrivals = new Arrivals(uniform, 1)
    arrivals.start(1000, 3)
    expect([0, 1, 2].map(() => arrivals.begin(9e9))).toEqual([1000 + GAP, 1000 + 2 * GAP, 1000 + 3 * GAP])
  })

  it('has exponential gaps of the asked mean where arrivals are Poisson, from the seed', () => {
    const gaps = (seed: number) => {
      const arrivals = new Arrivals(poisson, seed)
      arrivals.start(0, 1)
      let before = 0
      return Array.from({ length: 100_000 }, () => {
        const due = arrivals.begin(0)
        const gap = due - before
        before = due
        return gap
      })
    }
    const drawn = gaps(7)
    expect(gaps(7)).toEqual(drawn)
    expect(gaps(8)).not.toEqual(drawn)
    // Mean and standard deviation of an exponential distribution are the same; 1 % is three standard errors of the mean.
    const mean = drawn.reduce((sum, gap) => sum + gap, 0) / drawn.length
    const deviation = Math.sqrt(drawn.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / drawn.length)
    expect(Math.abs(mean / GAP - 1)).toBeLessThan(0.01)
    expect(Math.abs(deviation / GAP - 1)).toBeLessThan(0.02)
  })

  it('charges one stall to every access that it delays, not only to the one that stalled', () => {
    const responses = replay(new Arrivals(uniform, 1), 1000, (index) => (index === 500 ? 100 * GAP : GAP / 2))
    // The backlog of 100 gaps shrinks by half a gap with each access.
    expect(responses.filter((ns) => ns > GAP)).toHaveLength(198)
    expect(Math.max(...responses)).toBeCloseTo(100 * GAP, 0)
  })

  it('waits as the queue of Pollaczek and Khinchine: 500 000 Poisson accesses of a given service at 70 % use', () => {
    const service = 0.7 * GAP
    const responses = replay(new Arrivals(poisson, 3), 500_000, () => service)
    const mean = responses.reduce((sum, ns) => sum + ns, 0) / responses.length
    const expected = service + service ** 2 / GAP / (2 * (1 - service / GAP))
    expect(Math.abs(mean / expected - 1)).toBeLessThan(0.02)
  })

  it('is held by a lane that stalls and catches up', () => {
    const arrivals = new Arrivals(uniform, 1)
    replay(arrivals, 10_000, (index) => (index === 500 ? 100 * GAP : GAP / 2))
    const { load, invalid } = arrivals.facts()
    expect(invalid).toBeNull()
    expect(load.askedPerS).toBeCloseTo(RATE, 3)
    expect(load.achievedPerS).toBeCloseTo(RATE, 3)
    expect(load.lateMaxNs).toBeCloseTo(99 * GAP, 0)
    expect(load.lateEndNs).toBe(0)
  })

  it('is not held by a lane that is 2 % too slow', () => {
    const arrivals = new Arrivals(uniform, 1)
    replay(arrivals, 10_000, () => GAP * 1.02)
    const { load, invalid } = arrivals.facts()
    expect(load.achievedPerS / load.askedPerS).toBeCloseTo(1 / 1.02, 3)
    expect(invalid).toMatch(/^The rate was not held: 196\d\d of 20000 accesses per second \(98\.0 %/)
  })

  it('is not held by a lane that is so little too slow that 99 % are achieved, but never catches up', () => {
    const arrivals = new Arrivals(uniform, 1)
    replay(arrivals, 10_000, () => GAP * 1.005)
    expect(arrivals.facts().invalid).toMatch(/over the last 10 % of the accesses the lane was behind all the time/)
  })

  it('forgets what was behind where a new part begins', () => {
    const arrivals = new Arrivals(uniform, 1)
    replay(arrivals, 1000, () => 3 * GAP)
    replay(arrivals, 1000, () => GAP / 2)
    expect(arrivals.facts().invalid).toBeNull()
  })
})

describe('a trial in an open loop, simulated', () => {
  const specAt = (load: object) =>
    parseSpec({
      mode: 'simulate',
      simulate: { sizes: 'magenheimer-2x' },
      memory: { frames: 512, pool: 200 },
      workload: { pages: 1500, operations: 8000, load },
      lanes: [{ lane: 'raw' }, { lane: 'zcache', writeback: 'on', inflight: 32 }],
      trials: 1,
    })

  it('times every access twice, and its response is never shorter than its service', async () => {
    const { trials } = await simulateExperiment(specAt({ kind: 'open', rate: 2000 }))
    for (const { facts, histograms, metrics } of trials) {
      expect(facts.invalid).toBeUndefined()
      expect(totalCount(histograms['access.ns'])).toBe(6400)
      expect(totalCount(histograms['service.ns'])).toBe(6400)
      expect(metrics['access.ns.mean']).toBeGreaterThanOrEqual(metrics['service.ns.mean'])
      expect(metrics['access.ns.p99']).toBeGreaterThanOrEqual(metrics['service.ns.p99'])
      // The schedule's own rate, and the last access after it.
      expect(metrics['accesses.per_s'] / (facts.load?.askedPerS ?? 0)).toBeCloseTo(1, 2)
    }
  })

  it('is the same in every bit for the same seed', async () => {
    const spec = specAt({ kind: 'open', rate: 3000 })
    expect(resultHash(await simulateExperiment(spec))).toBe(resultHash(await simulateExperiment(spec)))
  })

  it('is invalid at a rate that the lane cannot hold', async () => {
    const { trials } = await simulateExperiment(specAt({ kind: 'open', rate: 1_000_000 }))
    for (const { facts } of trials) {
      expect(facts.invalid).toMatch(/The rate was not held/)
      expect(facts.load?.achievedPerS).toBeLessThan(900_000)
    }
  })

  it('has neither in a closed loop', async () => {
    const { trials } = await simulateExperiment(specAt({ kind: 'closed' }))
    for (const { facts, histograms } of trials) {
      expect([facts.load, facts.invalid]).toEqual([undefined, undefined])
      expect(histograms['access.ns']).toBeUndefined()
    }
  })
})

describe('a specification', () => {
  it.each([[{ lane: 'live' }], [{ lane: 'kernel-zram', as: 'block' }]] as const)(
    'refuses an open loop for %o, by the field',
    (lane) => {
      const asked = () => parseSpec({ workload: { load: { kind: 'open' } }, lanes: [{ lane: 'raw' }, lane] })
      expect(asked).toThrow(expect.objectContaining({ code: 'bad_input', field: 'workload.load.kind' }))
    },
  )

  it('takes one for the kernel lanes with accesses', () => {
    const lanes = [{ lane: 'kernel-swap' }, { lane: 'kernel-zswap' }, { lane: 'kernel-zram' }] as const
    expect(parseSpec({ workload: { load: { kind: 'open' } }, lanes: [...lanes] }).lanes).toHaveLength(3)
  })

  it('says what a rate may be', () => {
    expect(() => parseSpec({ workload: { load: { kind: 'open', rate: 0 } } })).toThrow(/workload\.load\.rate/)
  })
})
