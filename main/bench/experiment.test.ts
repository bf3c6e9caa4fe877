import { readdirSync } from 'node:fs'
import { describe, expect, it, vi } from 'vitest'
import type { ExperimentInput } from '../contract/index.ts'
import { type Answer, carryOut, SMALL, type TrialMessage } from './fixture-experiment.ts'
import { totalCount } from './measure/histogram.ts'
import { trialOrder } from './plan.ts'

const THREE_LANES = {
  ...SMALL,
  trials: 2,
  lanes: [
    { lane: 'raw' },
    { lane: 'zcache', writeback: 'off', inflight: 32 },
    { lane: 'zcache', writeback: 'on', inflight: 32 },
  ],
} satisfies ExperimentInput

describe('an experiment', () => {
  it('gives every page back that a second thread has decompressed for the disk, and counts its time', async () => {
    const lane = { lane: 'zcache', writeback: 'on', policy: 'watermark', inflight: 64, writebackThread: 'on' } as const
    const { trials, end } = await carryOut({
      ...SMALL,
      trials: 1,
      lanes: [lane, { ...lane, lane: 'zswap' }],
      swapfile: { buffered: true, layout: 'log' },
    })
    expect(end).toMatchObject({ kind: 'end', status: 'done' })
    expect(trials).toHaveLength(2)
    for (const { report } of trials) {
      expect(report.counters.writtenback_pages ?? report.counters.written_back_pages).toBeGreaterThan(100)
      expect(report.metrics['codec.decompress_s']).toBeGreaterThan(0)
    }
  })

  it('with a file-backed share reads it from a real file, keeps clean pages where a lane can, and leaves nothing behind', async () => {
    let names: string[] = []
    const { trials, end, left } = await carryOut(
      {
        ...THREE_LANES,
        trials: 1,
        workload: {
          ...SMALL.workload,
          file: { share: 0.5 },
          access: { pattern: 'zipf', theta: 0.9, writes: 0.05 },
        },
        swapfile: { buffered: true },
        lanes: [
          { lane: 'raw' },
          { lane: 'zcache', writeback: 'on', policy: 'lru-balance', inflight: 32 },
          { lane: 'zcache', cleancache: 'off' },
          { lane: 'zcache', frontswap: 'off' },
        ],
      },
      {
        onMessage: (message, _, folder) => {
          if (message.kind === 'prepared') names = readdirSync(folder)
        },
      },
    )
    expect(end).toEqual({ kind: 'end', status: 'done' })
    expect(names.sort()).toEqual(['swaplab-test.file', 'swaplab-test.swap'])
    expect(left).toEqual([])
    expect(trials).toHaveLength(4)
    for (const { lane, report, histograms } of trials) {
      const { counters } = report
      const keeps = lane === 1 || lane === 3
      expect(report.verified.mismatches).toBe(0)
      expect(counters.faults_file).toBeGreaterThan(100)
      expect(totalCount(histograms['fault.file.ns'])).toBe(counters.faults_file)
      expect(counters.faults_cleancache > 0).toBe(keeps)
      if (keeps) expect(totalCount(histograms['fault.cleancache.ns'])).toBe(counters.faults_cleancache)
      expect(report.metrics['disk.bytes_read']).toBe((counters.pswpin + counters.file_reads) * 4096)
    }
  })

  it('goes on with the other lanes where a trial runs out of memory, and says so in that trial', async () => {
    const { trials, end } = await carryOut({
      ...THREE_LANES,
      mode: 'simulate',
      simulate: { sizes: 'magenheimer-3x' },
      trials: 1,
      lanes: [{ lane: 'raw' }, { lane: 'zswap', diskSwap: 'off' }],
    })
    expect(end).toEqual({ kind: 'end', status: 'done' })
    const byLane = trials.sort((a, b) => a.lane - b.lane).map(({ report }) => [report.status, report.fault?.code])
    expect(byLane).toEqual([
      ['done', undefined],
      ['failed', 'out_of_memory'],
    ])
  })

  it('carries out every trial of every lane, verifies every page, and leaves nothing on the disk', async () => {
    const { end, trials, left, messages } = await carryOut(THREE_LANES)
    expect(end).toEqual({ kind: 'end', status: 'done' })
    expect(trials.map((trial) => trial.report.order)).toEqual([0, 1, 2, 3, 4, 5])
    const prepared = messages.find((message) => message.kind === 'prepared')
    expect(trials.map((trial) => trial.lane)).toEqual(prepared?.kind === 'prepared' ? prepared.trialOrder : null)
    for (const { report, histograms, series, lane } of trials) {
      expect(report.verified.mismatches).toBe(0)
      // At least every page once, at the end.
      expect(report.verified.pages).toBeGreaterThanOrEqual(SMALL.workload.pages)
      expect(report.counters.pgfault).toBe(totalCount(histograms['fault.ns']))
      expect(series.reduce((sum, sample) => sum + sample.accesses, 0)).toBe(
        SMALL.workload.pages + SMALL.workload.operations,
      )
      expect(report.metrics['accesses.per_s']).toBeGreaterThan(0)
      if (lane === 0) expect(report.counters).not.toHaveProperty('pers_zpages')
      if (lane === 1) expect(report.counters.writtenback_pages).toBe(0)
      if (lane === 2) expect(report.counters.writtenback_pages).toBeGreaterThan(0)
      if (lane > 0) expect(report.metrics['pool.ratio.effective']).toBeLessThanOrEqual(2)
    }
    expect(left).toEqual([])
  })

  it.each([
    { sync: 'none', io: 'uring' },
    { sync: 'each', io: 'uring' },
    { sync: 'dsync', io: 'uring' },
    { sync: 'batch', io: 'psync' },
    { sync: 'each', io: 'psync' },
    { sync: 'dsync', io: 'psync' },
  ] as const)('gives every page back with sync $sync by $io', async (swapfile) => {
    // Few pages: with a sync for each, a slow disk needs a millisecond a page.
    const workload = { ...SMALL.workload, pages: 800, operations: 1500 }
    const { end, trials } = await carryOut({ ...THREE_LANES, trials: 1, swapfile, workload })
    expect(end).toEqual({ kind: 'end', status: 'done' })
    expect(trials.length).toBe(3)
  })

  it.each([
    { pattern: 'sequential' },
    { pattern: 'uniform' },
    { pattern: 'phases' },
    { pattern: 'scan+hot' },
    { pattern: 'burst' },
  ] as const)('runs the pattern $pattern', async (access) => {
    const { end } = await carryOut({ ...THREE_LANES, trials: 1, workload: { ...SMALL.workload, access } })
    expect(end).toEqual({ kind: 'end', status: 'done' })
  })

  it('tells how many trials are finished, the one under way not counted', async () => {
    // Seconds between any two looks at the clock: every word of progress is passed on.
    let now = 0
    const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += 2000))
    const { messages } = await carryOut({ ...THREE_LANES, mode: 'simulate', trials: 1 })
    clock.mockRestore()
    let finished = 0
    const told: number[] = []
    for (const message of messages) {
      if (message.kind === 'trial') finished += 1
      if (message.kind !== 'progress') continue
      expect(message.progress.trial).toBe(finished)
      told.push(finished)
    }
    expect(new Set(told)).toEqual(new Set([0, 1, 2]))
  })

  it('counts the same for the same seed, where completions do not depend on time', async () => {
    const input = { ...THREE_LANES, trials: 1, swapfile: { io: 'psync', sync: 'none' } } satisfies ExperimentInput
    const counted = async (seed: number) =>
      (await carryOut({ ...input, seed })).trials.map(({ lane, report }) => [lane, report.counters])
    const first = await counted(7)
    expect(await counted(7)).toEqual(first)
    expect(await counted(8)).not.toEqual(first)
  })

  it('keeps finished trials when cancelled, and removes the swap file', async () => {
    const { end, trials, left } = await carryOut(
      { ...THREE_LANES, trials: 50 },
      {
        onMessage: (message, abort) => {
          if (message.kind === 'trial' && message.report.order === 1) abort()
        },
      },
    )
    expect(end).toEqual({ kind: 'end', status: 'cancelled' })
    expect(trials.length).toBe(2)
    expect(left).toEqual([])
  })

  it('says which field names a missing corpus', async () => {
    const { end } = await carryOut({
      ...THREE_LANES,
      workload: { ...SMALL.workload, content: { source: 'corpus', path: '/nonexistent' } },
    })
    expect(end).toMatchObject({ kind: 'end', status: 'failed', fault: { field: 'workload.content.path' } })
  })
})

describe('an experiment that may grow', () => {
  const FEW = {
    ...THREE_LANES,
    trials: 1,
    mode: 'simulate',
    simulate: { sizes: 'magenheimer-2x' },
  } satisfies ExperimentInput
  const answers: Answer[] = [
    { kind: 'more', blocks: 2, lanes: [0, 2] },
    { kind: 'more', blocks: 1, lanes: [0, 1, 2] },
    { kind: 'enough' },
  ]
  const where = (trials: TrialMessage[]) => trials.map(({ lane, report: { order, block } }) => ({ lane, order, block }))

  it('waits after the planned trials, and adds whole blocks of the lanes it is told', async () => {
    const { messages, trials, end } = await carryOut(FEW, { request: { growing: true }, answers })
    expect(end).toEqual({ kind: 'end', status: 'done' })
    expect(messages.filter(({ kind }) => kind === 'waiting')).toHaveLength(3)
    const placed = where(trials)
    expect(placed.map(({ order }) => order)).toEqual(placed.map((_, order) => order))
    expect(placed.map(({ block }) => block)).toEqual([0, 0, 0, 1, 1, 2, 2, 3, 3, 3])
    const lanesOf = (block: number) => placed.filter((trial) => trial.block === block).map(({ lane }) => lane)
    expect([0, 1, 2, 3].map((block) => lanesOf(block).sort())).toEqual([
      [0, 1, 2],
      [0, 2],
      [0, 2],
      [0, 1, 2],
    ])
  })

  it('continues in another process as if it had never ended', async () => {
    const whole = await carryOut(FEW, { request: { growing: true }, answers })
    const first = await carryOut(FEW)
    const after = { trials: 3, blocks: [3] }
    const second = await carryOut(FEW, { request: { growing: true, after }, answers })
    expect(where([...first.trials, ...second.trials])).toEqual(where(whole.trials))
    const figures = ({ report }: TrialMessage) => report.metrics
    expect([...first.trials, ...second.trials].map(figures)).toEqual(whole.trials.map(figures))
  })

  it('waits for nobody where the planned trials are all', async () => {
    expect((await carryOut(FEW)).messages.map(({ kind }) => kind)).not.toContain('waiting')
  })
})

it('interleaves trials in blocks, each lane once a block, by the seed', () => {
  const order = trialOrder(4, 6, 1)
  for (let block = 0; block < 6; block++) expect(order.slice(block * 4, block * 4 + 4).sort()).toEqual([0, 1, 2, 3])
  expect(trialOrder(4, 6, 1)).toEqual(order)
  expect(trialOrder(4, 6, 2)).not.toEqual(order)
})
