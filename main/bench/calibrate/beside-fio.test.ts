import { describe, expect, it } from 'vitest'
import { Histogram } from '../measure/histogram.ts'
import { Random } from '../workloads/index.ts'
import { besideFio, LOOK_LEVEL, LOOKS, type TurnResult } from './beside-fio.ts'

/** Turns of 400 latencies of about 100 µs; in a share of the turns, `stalled` of them take 3 ms. */
function turns(n: number, seed: number, { factor = 1, stallsIn = 0.5, stalled = 6 } = {}): TurnResult[] {
  const random = new Random(seed)
  const unit = () => random.next32() / 2 ** 32
  return Array.from({ length: n }, () => {
    const stalls = unit() < stallsIn
    const histogram = new Histogram()
    for (let i = 0; i < 400; i++)
      histogram.record(factor * (stalls && i < stalled ? 3e6 : 100_000 * (0.9 + 0.2 * unit())))
    return { parts: [histogram.toData()], perSecond: (10_000 / factor) * (0.99 + 0.02 * unit()) }
  })
}

describe('besideFio', () => {
  it('holds where both sides are alike, and every interval has its ratio in it', () => {
    const found = besideFio(turns(25, 1, { stallsIn: 0 }), turns(25, 2, { stallsIn: 0 }))
    expect(found.judged).toMatchObject({ turns: 25, verdict: 'holds' })
    for (const name of ['p50', 'p99', 'perSecond'] as const) {
      expect(found[name]).toBeCloseTo(1, 1)
      expect(found.judged?.[name].low).toBeLessThanOrEqual(found[name])
      expect(found.judged?.[name].high).toBeGreaterThanOrEqual(found[name])
    }
  })

  it('misses where all turns are slower', () => {
    const found = besideFio(turns(25, 1, { factor: 1.2, stallsIn: 0 }), turns(25, 2, { stallsIn: 0 }))
    expect(found.p50).toBeCloseTo(1.2, 1)
    expect(found.judged).toMatchObject({
      verdict: 'missed',
      p50: { verdict: 'missed' },
      p99: { verdict: 'missed' },
      perSecond: { verdict: 'missed' },
    })
  })

  it('says of a p99 that hangs on which turns were stalled that it is unclear, whichever way it fell', () => {
    for (const seed of [1, 2, 3]) {
      const stalls = { stallsIn: 2 / 3 }
      const found = besideFio(turns(25, seed, stalls), turns(25, seed + 100, stalls))
      expect(found.judged?.p50.verdict).toBe('holds')
      expect(found.judged?.p99.verdict).toBe('unclear')
    }
  })

  it('sums the percentiles of write and sync, since fio reports them one by one', () => {
    const part = (ns: number) => {
      const histogram = new Histogram()
      for (let i = 0; i < 100; i++) histogram.record(ns)
      return histogram.toData()
    }
    const turn = (write: number, sync: number) => ({ parts: [part(write), part(sync)], perSecond: 1 })
    expect(besideFio([turn(60_000, 140_000)], [turn(50_000, 50_000)]).p50).toBeCloseTo(2, 1)
  })

  it('judges nothing by fewer than three turns', () => {
    const { judged } = besideFio(turns(2, 1), turns(2, 2))
    expect(judged).toMatchObject({ verdict: 'unclear', p50: { low: null, high: null } })
  })

  it('lets the true ratio out of the intervals of all looks together in 5 of 100 cases', () => {
    const random = new Random(5)
    const unit = () => (random.next32() + 1) / 2 ** 32
    /** Standard normal (Box and Muller 1958). */
    const normal = () => Math.sqrt(-2 * Math.log(unit())) * Math.cos(2 * Math.PI * unit())
    const DRAWS = 100_000
    const far = Array.from({ length: DRAWS }, () => Math.abs(normal())).sort((a, b) => a - b)
    const half = far[Math.round(LOOK_LEVEL * DRAWS)]
    const EXPERIMENTS = 10_000
    let wrong = 0
    for (let experiment = 0; experiment < EXPERIMENTS; experiment++) {
      let sum = 0
      for (let look = 1; look <= LOOKS; look++) {
        sum += normal()
        if (Math.abs(sum) <= half * Math.sqrt(look)) continue
        wrong++
        break
      }
    }
    expect(wrong / EXPERIMENTS).toBeGreaterThan(0.042)
    expect(wrong / EXPERIMENTS).toBeLessThan(0.058)
  })
})
