import { describe, expect, it } from 'vitest'
import {
  KernelLane,
  type LaneReport,
  type LaneSpec,
  LiveLane,
  laneLabel,
  ZcacheLane,
  ZswapLane,
} from '../../contract/index.ts'
import { someLane, someTrial } from '../testing/some-lane.ts'
import { COMPRESSION_QUESTION, ITSELF_QUESTION, WRITEBACK_QUESTION } from './questions.ts'
import { verdictsOf } from './verdicts.ts'

const RAW: LaneSpec = { lane: 'raw' }
const OFF = ZcacheLane.parse({ lane: 'zcache', writeback: 'off' })
const ON = ZcacheLane.parse({ lane: 'zcache', writeback: 'on' })

/** One trial in each block; positions as if `width` lanes took turns. */
function lane(spec: LaneSpec, speeds: number[], width = 2): LaneReport {
  const sorted = [...speeds].sort((a, b) => a - b)
  const metric = { low: null, high: null, unit: 'per_s', better: 'higher', n: speeds.length } as const
  const trials = speeds.map((speed, block) =>
    someTrial(block * width, {
      block,
      metrics: { 'accesses.per_s': speed, 'fault.ns.p99': 2_500_000, 'disk.bytes_written': 3 * 2 ** 20 },
    }),
  )
  return someLane(spec, trials, {
    metrics: speeds.length > 0 ? { 'accesses.per_s': { ...metric, median: sorted[speeds.length >> 1] } } : {},
  })
}

const near = (value: number, n: number) => Array.from({ length: n }, (_, i) => value + i)
const writeback = (on: number[], off: number[]) => verdictsOf([lane(OFF, off), lane(ON, on)])[0]

describe('is writeback worth it here?', () => {
  it('yes, with the figures it rests on', () => {
    const verdict = writeback(near(2000, 8), near(1000, 8))
    expect(verdict.question).toBe(WRITEBACK_QUESTION)
    expect(verdict.answer).toBe('yes')
    expect(verdict.sentence).toMatch(
      /^Yes: writeback on serves 100 % more accesses per second than off \(\+\d+ to \+\d+ %\), p99 fault 2\.50 ms against 2\.50 ms, 3\.00 MiB written against 3\.00 MiB a trial; 8 trials a lane\.$/,
    )
  })

  it('by the response of accesses in an open loop, where sooner is better', () => {
    const open = (spec: LaneSpec, ns: number) => {
      const { metrics, trials, ...rest } = lane(spec, near(1000, 8))
      const metric = { ...metrics['accesses.per_s'], median: ns, unit: 'ns', better: 'lower' } as const
      return {
        ...rest,
        metrics: { ...metrics, 'access.ns.p50': metric, 'access.ns.p99': metric },
        trials: trials.map((trial, at) => ({ ...trial, metrics: { ...trial.metrics, 'access.ns.p99': ns + at } })),
      }
    }
    const [verdict] = verdictsOf([open(OFF, 200_000), open(ON, 100_000)])
    expect(verdict.answer).toBe('yes')
    expect(verdict.sentence).toMatch(/^Yes: writeback on answers 50 % sooner at p99 of all accesses than off/)
    expect(verdictsOf([open(OFF, 100_000), open(ON, 200_000)])[0].answer).toBe('no')
  })

  it('no, where it costs', () => expect(writeback(near(1000, 8), near(2000, 8)).answer).toBe('no'))

  it('the same, where the interval lies inside 5 %', () => {
    const noise = [0, 3, -2, 1, -3, 2, -1, 0]
    expect(
      writeback(
        noise.map((e) => 1000 + e),
        noise.map((e) => 1000 - e),
      ).answer,
    ).toBe('same')
  })

  it('unknown, where the trials are spread wider than the difference', () => {
    expect(writeback([900, 1500, 700, 1400, 800, 1300], [1000, 800, 1400, 900, 1200, 700]).answer).toBe('unknown')
  })

  it('unknown, however fast, where the workload fits in the RAM and nothing was swapped', () => {
    const still = (spec: LaneSpec, speeds: number[]) => ({ ...lane(spec, speeds), counters: { pgfault: 0 } })
    const [verdict] = verdictsOf([still(OFF, near(1000, 8)), still(ON, near(2000, 8))])
    expect(verdict.answer).toBe('unknown')
    expect(verdict.sentence).toContain('nothing was swapped')
  })

  it('three trials that are clearly apart are an indication, and say so', () => {
    const verdict = writeback(near(2000, 3), near(1000, 3))
    expect(verdict.answer).toBe('yes')
    expect(verdict.sentence).toContain('indication')
  })

  it('three trials that overlap say nothing', () => {
    expect(writeback([1000, 2000, 1500], [1100, 900, 1000]).answer).toBe('unknown')
  })

  it('fewer than three trials say nothing, whatever they are', () => {
    const verdict = writeback([2000, 2000], [1000, 1000])
    expect(verdict).toMatchObject({ answer: 'unknown', sentence: expect.stringContaining('only 2 trials') })
    expect(writeback([], [1000]).sentence).toContain('no trial')
  })

  it('leaves out a block that lost a trial, and pairs the others rightly', () => {
    // A slow spell hit block 0 of both lanes; paired by block, every ratio is exactly 2.
    const off = lane(OFF, [100, 1000, 1100, 1200, 1300, 1400, 1500])
    const on = lane(ON, [200, 2000, 2200, 2400, 2600, 2800, 3000])
    on.trials[1].status = 'failed'
    const [verdict] = verdictsOf([off, on])
    expect(verdict.sentence).toContain('100 % more accesses per second than off (+100 to +100 %)')
    expect(verdict.sentence).toContain('6 trials a lane')
  })

  it('compares lanes that differ in nothing else', () => {
    const zstd = ZcacheLane.parse({ lane: 'zcache', writeback: 'off', codec: 'zstd' })
    const questions = (lanes: LaneReport[]) => verdictsOf(lanes).map(({ question }) => question)
    expect(questions([lane(zstd, near(1000, 8)), lane(ON, near(2000, 8))])).not.toContain(WRITEBACK_QUESTION)
    const own = { policy: 'lru-zpage', full: 'wait', budget: 5, inflight: 8, writebackThread: 'on', compaction: 'off' }
    const tuned = ZcacheLane.parse({ lane: 'zcache', writeback: 'on', ...own })
    expect(questions([lane(OFF, near(1000, 8)), lane(tuned, near(2000, 8))])).toContain(WRITEBACK_QUESTION)
    const zswap = ZswapLane.parse({ lane: 'zswap', writeback: 'on' })
    expect(questions([lane(OFF, near(1000, 8)), lane(zswap, near(2000, 8))])).not.toContain(WRITEBACK_QUESTION)
    const off = ZswapLane.parse({ lane: 'zswap', writeback: 'off' })
    expect(verdictsOf([lane(off, near(1000, 8)), lane(zswap, near(2000, 8))])[0].answer).toBe('yes')
  })
})

describe('lanes about which nobody asks anything special', () => {
  it('are asked about one by one, against the first', () => {
    const lanes = (['lz4', 'zstd', 'deflate'] as const).map((codec, at) =>
      lane(ZcacheLane.parse({ lane: 'zcache', codec, label: codec }), near(1000 * (at + 1), 8), 3),
    )
    const verdicts = verdictsOf(lanes)
    expect(verdicts.map(({ question }) => question)).toEqual([
      'Is "zstd" faster than "lz4"?',
      'Is "deflate" faster than "lz4"?',
    ])
    expect(verdicts.map(({ answer }) => answer)).toEqual(['yes', 'yes'])
  })

  it('are asked about only beside lanes whose accesses hold the same', () => {
    const kernel = (reclaim: 'model' | 'kernel', pageCluster: number) =>
      KernelLane.parse({ lane: 'kernel-zswap', reclaim, pageCluster })
    const specs = [RAW, LiveLane.parse({ lane: 'live' }), kernel('kernel', 0), kernel('model', 0), kernel('kernel', 3)]
    const lanes = specs.map((spec) => lane(spec, near(1000, 8), specs.length))
    expect(verdictsOf(lanes).map(({ question }) => question)).toEqual([
      `Is "${laneLabel(specs[4])}" faster than "${laneLabel(specs[2])}"?`,
    ])
    expect(verdictsOf(lanes.slice(0, 4))).toEqual([])
  })

  it('need more for one of many: of enough lanes one comes out ahead by chance', () => {
    const answers = (lanes: number, blocks: number) => {
      const noise = (at: number) => Array.from({ length: blocks }, (_, block) => 1000 + (((block + at) * 7) % 5))
      const speeds = (at: number) => noise(at).map((speed) => (at === 1 ? speed * 1.04 : speed))
      const level = (at: number) => ZcacheLane.parse({ lane: 'zcache', codec: 'zstd', level: at + 1 })
      return verdictsOf(Array.from({ length: lanes }, (_, at) => lane(level(at), speeds(at), lanes)))
        .map(({ answer }) => answer)
        .slice(0, 1)
    }
    expect(answers(2, 8)).toEqual(['yes'])
    expect(answers(9, 8)).toEqual(['unknown']) // p 2/256, eight questions
    expect(answers(9, 12)).toEqual(['yes'])
  })
})

describe('a lane beside itself (A/A)', () => {
  const twin = (label: string, speeds: number[]) => lane({ ...OFF, label }, speeds)
  const noise = [0, 3, -2, 1, -3, 2, -1, 0]
  const aa = (a: number[], b: number[]) => verdictsOf([twin('A', a), twin('A again', b)])

  it('is the same, metric by metric, with what it could have shown', () => {
    const [verdict, ...others] = aa(
      noise.map((e) => 1000 + e),
      noise.map((e) => 1000 - e),
    )
    expect(others).toEqual([])
    expect(verdict).toMatchObject({ question: ITSELF_QUESTION, answer: 'same' })
    expect(verdict.sentence).toMatch(/^Same: of 3 metrics 3 \(100 %\) are the same, none different, none unknown;/)
    expect(verdict.sentence).toMatch(/a change of \d\.\d % would show in 4 of 5 such runs; 8 trials a lane\.$/)
  })

  it('speaks against lab or host where it is different, and names the metric', () => {
    const [verdict] = aa(near(2000, 8), near(1000, 8))
    expect(verdict.answer).toBe('no')
    expect(verdict.sentence).toContain('1 (accesses.per_s) different')
  })

  it('wants more trials where they say nothing', () => {
    expect(aa(near(1000, 2), near(1000, 2))[0].answer).toBe('unknown')
    expect(aa([900, 1500, 700, 1400, 800, 1300], [1000, 800, 1400, 900, 1200, 700])[0].answer).toBe('unknown')
  })
})

describe('is compressed swap worth it here?', () => {
  it('compares the best lane with a compressed pool with plain swap', () => {
    const verdicts = verdictsOf([lane(RAW, near(1000, 8), 3), lane(OFF, near(900, 8), 3), lane(ON, near(3000, 8), 3)])
    expect(verdicts.map((verdict) => verdict.question)).toEqual([WRITEBACK_QUESTION, COMPRESSION_QUESTION])
    expect(verdicts[1].answer).toBe('yes')
    expect(verdicts[1].sentence).toContain(laneLabel(ON))
  })
})
