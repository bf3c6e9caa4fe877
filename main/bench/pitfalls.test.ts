import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ContentSpec, type ExperimentInput, type LaneSpec, PAGE_SIZE, parseSpec } from '../contract/index.ts'
import { carryOut, SMALL } from './fixture-experiment.ts'
import { laneMemory } from './lanes/index.ts'
import { slotsFor } from './plan.ts'
import { simulateExperiment, sweep } from './simulate/index.ts'
import { buildCorpus } from './workloads/index.ts'

/**
 * The mistakes that re-implementations of compressed swap make, as far as they are made in measuring and not in the engine: one test each, named by
 * the numbers of the list that main/zcache/pitfalls.test.ts begins.
 */

/** Where no direct I/O reaches a disk. */
const MEMORY = '/dev/shm'

const FOUR_LANES = {
  ...SMALL,
  swapfile: { io: 'psync', sync: 'none' },
  lanes: [
    { lane: 'raw' },
    { lane: 'zcache', writeback: 'off', inflight: 32 },
    { lane: 'zcache', writeback: 'on', inflight: 32 },
    { lane: 'zswap', writeback: 'on', policy: 'lru-zpage', inflight: 32 },
  ],
} satisfies ExperimentInput

describe('pitfalls', () => {
  it('15: a swap file is driven by direct I/O, or the run says that it measured the page cache', async (context) => {
    const buffered = { ...FOUR_LANES, swapfile: { ...FOUR_LANES.swapfile, buffered: true } }
    const sayings = async (swapDir?: string) => {
      const { messages, end } = await carryOut(buffered, swapDir === undefined ? {} : { request: { swapDir } })
      expect(end).toMatchObject({ status: 'done' })
      const prepared = messages.find(({ kind }) => kind === 'prepared')
      if (prepared?.kind !== 'prepared' || !prepared.swapfile) throw new Error('a measured run has a swap file')
      const said = prepared.notes.map((notes) => notes.some((note) => note.startsWith('buffered')))
      return { direct: prepared.swapfile.direct, said }
    }
    const { direct, said } = await sayings()
    expect(said).toEqual(FOUR_LANES.lanes.map(() => !direct))
    if (!existsSync(MEMORY)) context.skip('there is no /dev/shm')
    const swapDir = mkdtempSync(join(MEMORY, 'swaplab-pitfall-'))
    try {
      expect(await sayings(swapDir)).toEqual({ direct: false, said: FOUR_LANES.lanes.map(() => true) })
    } finally {
      rmSync(swapDir, { recursive: true, force: true })
    }
  })

  it('16: every lane has the same RAM: resident pages, pool, metadata and reserve together', () => {
    const spec = parseSpec({
      ...FOUR_LANES,
      memory: { frames: 4096, pool: 1024 },
      lanes: [
        ...FOUR_LANES.lanes,
        { lane: 'zcache', label: 'z3fold', allocator: 'z3fold', writeback: 'on', inflight: 32 },
        { lane: 'zcache', label: 'ours', writeback: 'on', policy: 'keep-clean', inflight: 32 },
      ],
    })
    const cost = (lane: LaneSpec) => laneMemory(lane, spec, slotsFor(spec))
    const [raw, off, on, zswap, z3fold, ours] = spec.lanes.map(cost)
    expect(raw).toMatchObject({ reserve: 0, metadataBytes: 0 })
    // tmem's nodes, zbud's rows and frontswap's map are charged; the reserve where there is writeback; a policy's own tables.
    expect(off.metadataBytes).toBeGreaterThan(0)
    expect([off.reserve, on.reserve, zswap.reserve]).toEqual([0, 64, 64])
    expect(z3fold.metadataBytes).toBeGreaterThan(on.metadataBytes)
    expect(ours.metadataBytes).toBeGreaterThan(on.metadataBytes)
    // By the slot: zswap's index, and frontswap's bit.
    const merged = parseSpec({ ...FOUR_LANES, memory: spec.memory, lanes: [{ lane: 'zswap-2013' }] })
    const [small, large] = [4096, 8192].map((slots) => laneMemory(merged.lanes[0], merged, slots).metadataBytes)
    expect(large - small).toBe(4096 * (4 + 1 / 8))
  })

  it('16: a lane with a pool has no more pages in RAM than plain swap', async () => {
    const { trials } = await simulateExperiment(parseSpec({ ...FOUR_LANES, mode: 'simulate' }))
    const [, ...pools] = trials
      .toSorted((a, b) => a.lane - b.lane)
      .map(({ counters }) => counters.pers_pageframes ?? counters.pool_total_size / PAGE_SIZE)
    expect(pools).toHaveLength(3)
    for (const frames of pools) {
      expect(frames).toBeGreaterThan(0)
      expect(frames).toBeLessThanOrEqual(FOUR_LANES.memory.pool)
    }
  })

  it('17: page contents are real ones unless made up, and made-up ones are called synthetic', async () => {
    expect(parseSpec({}).workload.content).toMatchObject({ source: 'capture', zeros: 'skip' })
    const corpus = buildCorpus(ContentSpec.parse({ source: 'synthetic', pages: 256 }), { seed: 1, selfCorpus: null })
    try {
      expect(corpus.facts.synthetic).toBe(true)
      // Neither all zeros nor all random: the two that flatter or ruin every codec.
      expect(corpus.facts.zeroPages / corpus.facts.pages).toBeLessThan(0.2)
    } finally {
      corpus.release()
    }
  })

  it('18, 19: tails stand beside medians for each tier, and CPU time beside wall time', async () => {
    const { trials } = await carryOut({ ...FOUR_LANES, workload: { ...FOUR_LANES.workload, operations: 20_000 } })
    expect(trials).toHaveLength(4)
    for (const { lane, report } of trials) {
      const { metrics } = report
      for (const name of ['fault.ns.p50', 'fault.ns.p99', 'fault.disk.ns.p50', 'cpu.user_s', 'cpu.sys_s'])
        expect([lane, name, metrics[name] >= 0]).toEqual([lane, name, true])
      if (lane === 0) continue
      for (const name of [
        'store.ns.p50',
        'store.ns.p99',
        'load.ns.p50',
        'fault.pool.ns.p50',
        'codec.compress_s',
        'codec.decompress_s',
      ])
        expect([lane, name, metrics[name] > 0]).toEqual([lane, name, true])
    }
  })

  it('20: of each page written back it is known how old it was, and after how much it was wanted again', async () => {
    const { trials } = await simulateExperiment(parseSpec({ ...FOUR_LANES, mode: 'simulate' }))
    const [, off, on] = trials.toSorted((a, b) => a.lane - b.lane)
    for (const name of ['writeback.age.ns.mean', 'refault.time.ns.mean', 'refault.distance.mean']) {
      expect([name, on.metrics[name] > 0]).toEqual([name, true])
      expect(off.metrics).not.toHaveProperty(name)
    }
    // Both happen between writeback and fault: no fault can be nearer than the next.
    expect(on.metrics['refault.distance.mean']).toBeGreaterThanOrEqual(1)
  })

  it('21: every page of the address space is compared whole, wherever it is at the end', async () => {
    const { trials } = await carryOut(FOUR_LANES)
    expect(trials).toHaveLength(4)
    for (const { report } of trials) {
      expect(report.verified.mismatches).toBe(0)
      expect(report.verified.pages).toBeGreaterThanOrEqual(FOUR_LANES.workload.pages)
    }
  })

  it('23: engines on several threads share nothing: a sweep gives the same on one as on two', async () => {
    const specs = [1, 2, 3, 4].map((seed) => parseSpec({ ...FOUR_LANES, mode: 'simulate', seed }))
    expect(await sweep(specs, { workers: 2 })).toEqual(await sweep(specs, { workers: 1 }))
  })
})
