import { describe, expect, it } from 'vitest'
import type { LaneReport, LaneSpec, SensorReadings, TrialReport } from '../../contract/index.ts'
import { seededRandom } from '../statistics/seeded-random.ts'
import { someLane, someTrial } from '../testing/some-lane.ts'
import { doubted } from './doubts.ts'
import { outliersOf } from './report.ts'

const RAW: LaneSpec = { lane: 'raw' }

type Facts = Partial<Pick<TrialReport, 'status' | 'invalid' | 'steady' | 'sensors'>>

function lane(speeds: number[], facts: (index: number) => Facts = () => ({}), label?: string): LaneReport {
  const trials = speeds.map((speed, order) =>
    someTrial(order, { metrics: { 'accesses.per_s': speed }, ...facts(order) }),
  )
  return someLane({ ...RAW, label }, trials, { outliers: outliersOf(trials) })
}

const STEADY = [1000, 1003, 998, 1001, 999, 1002, 1000, 997]
const flagsOf = (report: LaneReport) => report.trials.map(({ flags }) => flags?.length ?? 0)

describe('a flag', () => {
  it('needs a reading beyond its bound and a metric that is an outlier: neither alone is one', () => {
    const speeds = STEADY.with(2, 600)
    const sensors = (stolen: number[]) => (index: number) => ({
      sensors: { steal: stolen.includes(index) ? 0.2 : 0.001 },
    })
    const { lanes, warnings } = doubted([lane(speeds, sensors([2]))])
    expect(flagsOf(lanes[0])).toEqual([0, 0, 1, 0, 0, 0, 0, 0])
    expect(lanes[0].trials[2].flags).toEqual(['Steal 20.0 %: its accesses.per_s is an outlier of the lane'])
    expect(warnings).toEqual(['Flagged: 1 of 8 trials of raw, for CPU time stolen by the hypervisor (20.0 %).'])
    // Beyond the bound, and like the others; an outlier, and the host was quiet.
    expect(doubted([lane(STEADY, sensors([2]))]).warnings).toEqual([])
    expect(doubted([lane(speeds, sensors([]))]).warnings).toEqual([])
  })

  it('is also for what goes with the metric over the run, without any outlier', () => {
    const load = [0.02, 0.04, 0.06, 0.08, 0.11, 0.15, 0.2, 0.3]
    const { lanes, warnings } = doubted([
      lane(
        load.map((share) => 1000 - 400 * share),
        (index) => ({ sensors: { foreignCpu: load[index] } }),
      ),
    ])
    expect(warnings[0]).toMatch(
      /^accesses\.per_s went with a reading of the host: CPU use by others, of all CPUs \(Kendall within lanes, τ −1\.00, p 0\.00005, 8 trials\)\.$/,
    )
    expect(flagsOf(lanes[0])).toEqual([0, 0, 0, 0, 1, 1, 1, 1])
  })

  it('is not for a reading that goes with the metric for the better', () => {
    const load = [0.02, 0.04, 0.06, 0.08, 0.11, 0.15, 0.2, 0.3]
    const better = lane(
      load.map((share) => 1000 + 400 * share),
      (index) => ({ sensors: { foreignCpu: load[index] } }),
    )
    expect(doubted([better]).warnings).toEqual([])
  })

  it('compares within lanes: a lane that is slow and has more foreign I/O by its nature is not flagged', () => {
    const noise = [3, -2, 1, -3, 2, 0]
    const of = (speed: number, io: number, label: string) =>
      lane(
        noise.map((e) => speed + e),
        (index) => ({ sensors: { foreignIo: io + ((index * 5) % 7) } }),
        label,
      )
    expect(doubted([of(1000, 0, 'a'), of(500, 5e5, 'b'), of(250, 9e5, 'c')]).warnings).toEqual([])
  })

  it('of the CPU clock is for a clock that is lower than usual', () => {
    const { lanes } = doubted([
      lane(STEADY.with(5, 700), (index) => ({ sensors: { frequency: index === 5 ? 1200 : 3000 } })),
    ])
    expect(flagsOf(lanes[0])).toEqual([0, 0, 0, 0, 0, 1, 0, 0])
  })

  it('comes rarely where nothing disturbs: over 400 quiet runs of 18 trials and 6 sensors', () => {
    const { next } = seededRandom(5)
    const quiet = (): SensorReadings => ({
      steal: next() * 0.1,
      foreignCpu: next() * 0.3,
      foreignIo: next() * 1e7,
      pressureCpu: next(),
      pressureMemory: next() * 0.1,
      temperature: 60 + next() * 40,
    })
    let correlated = 0
    for (let run = 0; run < 400; run++) {
      const lanes = ['a', 'b', 'c'].map((label) =>
        lane(
          Array.from({ length: 6 }, () => 1000 + next() * 100),
          () => ({ sensors: quiet() }),
          label,
        ),
      )
      if (doubted(lanes).warnings.some((warning) => warning.includes('went with'))) correlated++
    }
    expect(correlated / 400).toBeLessThan(0.05)
  })
})

describe('a warning', () => {
  it('counts trials that are not valid in one sentence, with the reason of the first', () => {
    const { warnings, lanes } = doubted([
      lane([10, 11, 1001], (index) => (index < 2 ? { status: 'invalid', invalid: `The rate was ${index}.` } : {})),
    ])
    expect(warnings).toEqual(['2 of 3 trials of raw not valid and in no figure. Trial 1: The rate was 0.'])
    expect(lanes[0].trials[0].flags).toBeUndefined()
  })

  it('says how many trials came to no rest, and keeps them', () => {
    const steady = (reached: boolean): Facts => ({
      steady: {
        reached,
        fromRound: reached ? 1 : null,
        quantity: 'accesses.per_s',
        values: [],
        reason: 'Because.',
      },
    })
    const { warnings, lanes } = doubted([lane([1, 2, 3], (index) => steady(index !== 1))])
    expect(warnings).toEqual(['Steady state not reached in 1 of 3 trials of raw. Trial 2: Because.'])
    expect(lanes[0].trials).toHaveLength(3)
  })

  it('is one sentence for all lanes, with those of the same share together', () => {
    const restless =
      (count: number) =>
      (index: number): Facts => ({
        steady: {
          reached: index >= count,
          fromRound: null,
          quantity: 'accesses.per_s',
          values: [],
          reason: 'Because.',
        },
      })
    const of = (count: number, label: string) => lane([1, 2, 3], restless(count), label)
    const warningsOf = (...lanes: LaneReport[]) => doubted(lanes).warnings
    expect(warningsOf(of(1, 'a'), of(3, 'b'), of(0, 'c'), of(1, 'd'))).toEqual([
      'Steady state not reached in 5 of 12 trials (3 of 3 of b; 1 of 3 of a, d). Trial 1: Because.',
    ])
    expect(warningsOf(of(3, 'a'), of(3, 'b'))).toEqual(['Steady state not reached in 6 of 6 trials. Trial 1: Because.'])
  })
})
