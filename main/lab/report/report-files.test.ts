import { describe, expect, it } from 'vitest'
import { medianChunks, type RunDocument, ZcacheLane, zpageSizes } from '../../contract/index.ts'
import { compareRuns } from '../judging/compare.ts'
import { readableBytes, readableMetric, readableNs } from '../readable.ts'
import { someHost, someSpec } from '../testing/fake-lab.ts'
import { someLane, someTrial } from '../testing/some-lane.ts'
import { reportCsv } from './report-csv.ts'
import { reportHtml } from './report-html.ts'

const nasty = '<script>alert("x")</script>, =1+1'

function someDocument(id: string, speeds: number[], label = nasty): RunDocument {
  const spec = ZcacheLane.parse({ lane: 'zcache', label: label.slice(0, 60) })
  return {
    run: {
      id,
      name: nasty,
      mode: 'measure',
      status: 'done',
      startedAt: '2026-01-01T00:00:00.000Z',
      endedAt: null,
      durationMs: 1,
      experimentHash: 'h',
      hostId: 'host-1',
      trialsDone: speeds.length,
      trialsTotal: speeds.length,
      tags: [],
      note: '',
      headline: null,
      baseline: false,
      baselineId: null,
      collection: null,
      host: someHost,
      warnings: [nasty],
      swapDir: '/swap',
      swapfile: null,
      corpus: null,
      version: '1',
    },
    spec: someSpec('x'),
    trialOrder: [],
    twin: [],
    lanes: [
      someLane(
        spec,
        speeds.map((speed, order) =>
          someTrial(order, { metrics: { 'accesses.per_s': speed }, counters: { loads: 3 } }),
        ),
        {
          metrics: {
            'accesses.per_s': { median: speeds[0], low: null, high: null, unit: 'per_s', better: 'higher', n: 1 },
          },
          counters: { loads: 3 },
        },
      ),
    ],
    verdicts: [{ question: 'Q?', answer: 'yes', sentence: nasty }],
    verified: { pages: 1, mismatches: 0 },
    observer: null,
  }
}

describe('the HTML export', () => {
  it('needs nothing else, runs nothing, and takes no text for markup', () => {
    const html = reportHtml(someDocument('a', [1000]), `name: "${nasty}"`)
    expect(html).not.toContain('<script')
    expect(html).not.toMatch(/(src|href)=/)
    expect(html).toContain('&lt;script&gt;')
    expect(html).toContain("default-src 'none'")
  })

  it('says above all when and where it was', () => {
    const document = someDocument('a', [1000])
    document.lanes[0].counters = { loads: 1_234_567.5 }
    const html = reportHtml(document, '')
    expect(html).toContain(`2026-01-01 00:00 UTC · ${someHost.hostname} · done, 1 of 1 trials`)
    expect(html).toContain('1,234,567.5')
  })

  it('begins with what one looks at first, by its words', () => {
    const html = reportHtml(someDocument('a', [1000]), '')
    expect(html).toMatch(/<h2>Key figures<.*<th scope="row">accesses<.*<h2>Metrics<.*<th scope="row">accesses\.per_s</s)
  })

  it('says so where no trial is valid, and shows no empty tables', () => {
    const document = someDocument('a', [1000])
    document.lanes[0].trials[0].status = 'invalid'
    const html = reportHtml(document, '')
    expect(html).toContain('No valid trial was finished')
    expect(html).not.toMatch(/Median of|Key figures|Metrics|Counters/)
  })
})

describe('the sizes of zpages', () => {
  const counts = (chunks: Record<number, number>) => Array.from({ length: 64 }, (_, at) => chunks[at] ?? 0)
  const document = someDocument('a', [1, 2, 3], 'zbud')
  const [first, second, third] = document.lanes[0].trials
  document.lanes[0].trials = [
    { ...first, cumulChunkCounts: counts({ 8: 1, 32: 1 }) },
    { ...second, cumulChunkCounts: counts({ 32: 1, 33: 1, 63: 4 }) },
    { ...third, status: 'invalid', cumulChunkCounts: counts({ 1: 1000 }) },
  ]
  const sizes = zpageSizes([someLane(ZcacheLane.parse({ lane: 'zcache' }), [first]), ...document.lanes])

  it('are of the valid trials together, and of the lanes that count them', () => {
    expect(sizes).toMatchObject([{ label: document.lanes[0].label, lane: 1, stored: 8, halfOrLess: 3 / 8 }])
    expect(medianChunks(sizes[0])).toBe(33)
  })

  it('stand in the export by eighths of a frame, with the largest zpage that each holds', () => {
    const cells = [...reportHtml(document, '').matchAll(/<th scope="row">(\d+ to \d+) \((.*?)\)<\/th><td>(.*?)<\/td>/g)]
    expect(cells.map(([, chunks, bytes, share]) => [chunks, bytes, share])).toEqual([
      ['1 to 8', 'up to 480 B', '12.5 %'],
      ['9 to 16', 'up to 992 B', '0.0 %'],
      ['17 to 24', 'up to 1.47 KiB', '0.0 %'],
      ['25 to 32', 'up to 1.97 KiB', '25.0 %'],
      ['33 to 40', 'up to 2.47 KiB', '12.5 %'],
      ['41 to 48', 'up to 2.97 KiB', '0.0 %'],
      ['49 to 56', 'up to 3.47 KiB', '0.0 %'],
      ['57 to 63', 'up to 3.91 KiB', '50.0 %'],
    ])
  })
})

describe('the trials that medians are of', () => {
  const of = (document: RunDocument) => /Median of (.*?), with/.exec(reportHtml(document, ''))?.[1]
  const [base, fresh] = [someDocument('a', [1, 2, 3], 'base'), someDocument('b', [1, 2, 3], 'new')]
  const both = (lanes: RunDocument['lanes']) => of({ ...base, lanes: [...base.lanes, ...lanes] })

  it('are counted once where lanes have as many', () => {
    expect(of(someDocument('a', [1]))).toBe('1 trial a lane')
    expect(both(fresh.lanes)).toBe('3 trials a lane')
  })

  it('are counted by lane where they have not: those that are not valid are in no figure', () => {
    const [lane] = fresh.lanes
    const [first, ...others] = lane.trials
    expect(both([{ ...lane, trials: [{ ...first, status: 'invalid' }, ...others] }])).toBe(
      'the valid trials (3 of base; 2 of new)',
    )
  })
})

describe('the CSV export', () => {
  it('gives counters the unit they are in', () => {
    const document = someDocument('a', [1000], 'x')
    const bytes = ['pers_zbytes_max', 'zbud_pers_cumul_zbytes', 'log_block_bytes', 'zswap', 'zswapped', 'mem_limit']
    const sizes = ['pool_total_size', 'orig_data_size', 'compr_data_size', 'mem_used_total', 'mem_used_max']
    const counts = ['pgfault', 'size_classes', 'zswpout', 'pers_pageframes_max', 'zspages_100', 'stored_pages']
    const names = [...bytes, ...sizes, ...counts, 'repatriated_wasted_ns']
    document.lanes[0].trials[0].counters = Object.fromEntries(names.map((name) => [name, 1]))
    const units = new Map(
      [...reportCsv(document).matchAll(/,counter,(\w+),(\w+),/g)].map(([, name, unit]) => [name, unit]),
    )
    const expected = [
      ...[...bytes, ...sizes].map((name) => [name, 'bytes'] as const),
      ...counts.map((name) => [name, 'count'] as const),
      ['repatriated_wasted_ns', 'ns'] as const,
    ]
    expect(units).toEqual(new Map(expected))
  })

  it('has one row a figure, and gives a spreadsheet no formula', () => {
    const [head, first, second] = reportCsv(someDocument('a', [1000], '=cmd(),"x"')).split('\r\n')
    expect(head).toBe('run,lane,trial,status,kind,name,unit,value,mode,block,mark')
    expect(first).toBe(`a,"'=cmd(),""x""",0,done,metric,accesses.per_s,per_s,1000,measure,0,`)
    expect(second).toContain('counter,loads,count,3')
  })
})

describe('what casts doubt on figures is exported with them', () => {
  it('sensors in the CSV, the cost of looking in the HTML', () => {
    const document = someDocument('a', [1000])
    document.lanes[0].trials[0].sensors = { steal: 0.02, foreignIo: 4096 }
    document.observer = { clockNs: 20, nullFaultNs: 150, nullStoreNs: 70, nullIoNs: 300 }
    const csv = reportCsv(document)
    expect(csv).toContain(',0,done,sensor,steal,share,0.02,measure,0,')
    expect(csv).toContain('sensor,foreignIo,bytes_per_s,4096,')
    expect(reportHtml(document, '')).toContain('clock 20 ns, fault 150 ns, store 70 ns, I/O 300 ns')
  })
})

describe('comparing runs', () => {
  const many = (value: number) => Array.from({ length: 8 }, (_, i) => value + i)

  it('tells a change from none, and breaks the gates it should', () => {
    const base = someDocument('a', many(1000))
    const { metrics, gates, warnings } = compareRuns(
      base,
      [someDocument('b', many(500))],
      ['accesses.per_s>=-3%', 'accesses.per_s<=+3%'],
    )
    expect(metrics).toMatchObject([{ newRun: 'b', verdict: 'different', better: 'higher' }])
    expect(gates.map((gate) => gate.broken)).toEqual([true, false])
    expect(warnings).toEqual([])
  })

  it('says what makes the runs unlike', () => {
    const other = someDocument('b', many(1000), 'other')
    other.run.hostId = 'host-2'
    other.run.experimentHash = 'h2'
    other.run.status = 'cancelled'
    const { warnings, metrics } = compareRuns(someDocument('a', many(1000)), [other], [])
    expect(metrics).toEqual([])
    expect(warnings.join(' ')).toMatch(
      /another host.*another specification.*is cancelled.*lacks.*nothing could be compared/,
    )
  })

  it('never compares a measured run with a simulated one, and holds no gate over them', () => {
    const simulated = someDocument('b', many(2000))
    simulated.run.mode = 'simulate'
    const { warnings, metrics, gates } = compareRuns(
      someDocument('a', many(1000)),
      [simulated, someDocument('c', many(1000))],
      ['accesses.per_s>=-3%'],
    )
    expect(warnings).toContainEqual(expect.stringContaining('b ('))
    expect(warnings.join(' ')).toContain('never compared')
    expect(metrics.map((metric) => metric.newRun)).toEqual(['c'])
    expect(gates.map((gate) => gate.broken)).toEqual([false])
    expect(compareRuns(someDocument('a', many(1000)), [simulated], ['accesses.per_s>=-3%']).gates[0].broken).toBe(true)
  })

  it('breaks a gate on a lane of the base that a run has lost', () => {
    const base = someDocument('a', many(1000))
    base.lanes.push({ ...base.lanes[0], label: 'lost' })
    const { gates } = compareRuns(base, [someDocument('b', many(1000))], ['accesses.per_s>=-3%', 'pool.ratio>=-3%'])
    expect(gates.map(({ gate, lane, broken }) => [gate, lane, broken])).toEqual([
      ['accesses.per_s>=-3%', base.lanes[0].label, false],
      ['accesses.per_s>=-3%', 'lost', true],
      ['pool.ratio>=-3%', '', true],
    ])
    const unlike = someDocument('c', many(1000), 'other')
    expect(compareRuns(base, [someDocument('b', many(1000)), unlike], ['accesses.per_s>=-3%']).gates).toContainEqual(
      expect.objectContaining({ newRun: 'c', lane: 'lost', broken: true }),
    )
  })

  it('breaks a gate on a lane whose trials do not all have the metric, beside lanes whose do', () => {
    const withRare = (id: string, having: number) => {
      const document = someDocument(id, many(1000))
      const [lane] = document.lanes
      const trials = lane.trials.map((trial, at) => {
        const { 'accesses.per_s': rare, ...metrics } = trial.metrics
        return { ...trial, metrics: at < having ? { ...metrics, 'accesses.per_s': rare } : metrics }
      })
      document.lanes.push({ ...lane, label: 'rare', trials })
      return document
    }
    const gatesOf = (from: number, to: number) =>
      compareRuns(withRare('a', from), [withRare('b', to)], ['accesses.per_s>=-3%']).gates.map(
        ({ lane, broken, reason }) => [lane, broken, reason],
      )
    const [common] = someDocument('a', [1]).lanes
    expect(gatesOf(8, 8).map(([lane, broken]) => [lane, broken])).toEqual([
      [common.label, false],
      ['rare', false],
    ])
    const rare = (from: number, to: number) =>
      `Not compared: ${from} of 8 trials of the base have it, ${to} of 8 of the new run. Gate on a lower percentile, or make the trials longer.`
    for (const [from, to] of [
      [8, 7],
      [8, 0],
      [5, 8],
    ])
      expect(gatesOf(from, to)[1]).toEqual(['rare', true, rare(from, to)])
    // A lane that never had it is not asked about it.
    expect(gatesOf(0, 8)).toHaveLength(1)
    expect(gatesOf(0, 0)).toHaveLength(1)
  })

  it('refuses a gate it cannot read', () => {
    const base = someDocument('a', [1])
    expect(() => compareRuns(base, [base], ['faster please'])).toThrow('gate')
  })
})

describe('figures for a person', () => {
  it('carry three digits and their unit', () => {
    expect([12, 1234, 56_700, 8_900_000, 2e9].map(readableNs)).toEqual([
      '12 ns',
      '1.23 µs',
      '56.7 µs',
      '8.90 ms',
      '2.00 s',
    ])
    expect([12, 4096, 3 * 2 ** 20, 2 ** 31].map(readableBytes)).toEqual(['12 B', '4.00 KiB', '3.00 MiB', '2.00 GiB'])
    expect(readableMetric(0.123, 'share')).toBe('12.3 %')
    expect(readableMetric(23_456, 'per_s')).toBe('23.5 k/s')
  })
})
