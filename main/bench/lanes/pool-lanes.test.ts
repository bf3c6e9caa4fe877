import { describe, expect, it } from 'vitest'
import {
  type ExperimentInput,
  LabError,
  type LaneSpec,
  laneCodecs,
  laneLabel,
  PAGE_SIZE,
  parseSpec,
} from '../../contract/index.ts'
import { ALLOCATORS } from '../../zcache/index.ts'
import { slotsFor } from '../plan.ts'
import { simulateExperiment } from '../simulate/index.ts'
import { checkLanes, laneMemory, mostPages } from './index.ts'

type LaneInput = NonNullable<ExperimentInput['lanes']>[number]

const BASE = {
  mode: 'simulate',
  simulate: { sizes: 'magenheimer-3x' },
  memory: { frames: 1024, pool: 300 },
  workload: { pages: 3000, operations: 10_000 },
  trials: 1,
} satisfies ExperimentInput
const specOf = (...lanes: LaneInput[]) => parseSpec({ ...BASE, lanes })
const laneOf = (lane: LaneInput): LaneSpec => specOf(lane).lanes[0]

describe('a lane with a compressed pool', () => {
  it('is labelled by codec, allocator unless it is the usual one, and policy', () => {
    const labels = specOf(
      { lane: 'zcache' },
      { lane: 'zcache', allocator: 'zsmalloc' },
      { lane: 'zcache', allocator: 'z3fold', codec: 'zstd', level: 3, writeback: 'on' },
      { lane: 'zswap' },
      { lane: 'zswap', writeback: 'on' },
      { lane: 'zswap', allocator: 'zbud-zswap', incompressible: 'reject', writeback: 'on', policy: 'lru-frame' },
    ).lanes.map(laneLabel)
    expect(labels).toEqual([
      'zcache lz4 no writeback',
      'zcache lz4 zsmalloc no writeback',
      'zcache zstd:3 z3fold writeback lru-frame',
      'zswap lz4 no writeback',
      'zswap lz4 writeback watermark',
      'zswap lz4 zbud-zswap writeback lru-frame',
    ])
  })

  it('is labelled by the switches of zcache that are not as usual', () => {
    const switches = { exclusiveGets: 'off', cleancache: 'off', writethrough: 'on', activeOnly: 'on' } as const
    const workload = { ...BASE.workload, file: { share: 0.3 } }
    const lanes = [
      { lane: 'zcache', ...switches },
      { lane: 'zcache', frontswap: 'off' },
    ] satisfies LaneInput[]
    expect(parseSpec({ ...BASE, workload, lanes }).lanes.map(laneLabel)).toEqual([
      'zcache lz4 no writeback, gets not exclusive, no cleancache, writethrough, active pages only',
      'zcache lz4 no writeback, no frontswap',
    ])
  })

  it('counts loads by faults where there is a policy, and has no such counter where nobody counts them', async () => {
    const { trials } = await simulateExperiment(
      specOf(
        { lane: 'zcache', writeback: 'off', inflight: 32 },
        { lane: 'zcache', writeback: 'on', inflight: 32 },
        { lane: 'xen-tmem' },
      ),
    )
    const [off, on, xen] = trials.toSorted((a, b) => a.lane - b.lane).map(({ counters }) => counters)
    for (const counters of [off, xen]) {
      expect(counters.pers_gets).toBeGreaterThan(0)
      expect(counters).not.toHaveProperty('fault_loads')
    }
    expect(on.fault_loads).toBe(on.faults_pool)
    expect(on.pers_gets).toBeGreaterThan(on.fault_loads)
  })

  it('has in zswap by the names of vmstat what mm counts by others', async () => {
    const { trials } = await simulateExperiment(specOf({ lane: 'zswap', writeback: 'on', inflight: 32 }))
    const [{ counters }] = trials
    expect(counters.zswpwb).toBeGreaterThan(100)
    // Writeback loads too, and is no swap-in.
    expect(counters.pers_gets).toBeGreaterThan(counters.zswpin)
    expect([counters.zswpin, counters.zswpout, counters.written_back_pages]).toEqual([
      counters.faults_pool,
      counters.frontswap_succ_stores,
      counters.zswpwb,
    ])
  })

  it('says by chunks what it stored, as the zbud of zcache counts it', async () => {
    const counted = async (lane: LaneInput) => {
      const [{ counters, facts }] = (await simulateExperiment(specOf(lane))).trials
      return { stored: counters.zbud_pers_cumul_zpages, counts: facts.cumulChunkCounts }
    }
    const { stored, counts } = await counted({ lane: 'zcache', writeback: 'on' })
    expect(counts).toHaveLength(64)
    expect(stored).toBeGreaterThan(1000)
    expect(counts?.reduce((sum, count) => sum + count)).toBe(stored)
    expect((await counted({ lane: 'zcache', allocator: 'zsmalloc' })).counts).toBeUndefined()
    expect((await counted({ lane: 'raw' })).counts).toBeUndefined()
  })

  it('keeps clean file pages in zbud where its own allocator gives no frame back on demand', async () => {
    const workload = { ...BASE.workload, file: { share: 0.7 }, access: { pattern: 'zipf', writes: 0 } } as const
    const memory = { frames: 1024, pool: 600 }
    const spec = parseSpec({ ...BASE, memory, workload, lanes: [{ lane: 'zcache', allocator: 'zsmalloc' }] })
    const { counters, metrics } = (await simulateExperiment(spec)).trials[0]
    expect(counters.obj_used).toBe(counters.pers_zpages)
    expect(counters.zbud_eph_zpages).toBe(counters.eph_zpages)
    expect([counters.pers_ate_eph > 0, counters.eph_gets > 0]).toEqual([true, true])
    const { eph_zpages, eph_zbytes, eph_pageframes } = counters
    expect(metrics['ephemeral.ratio.true']).toBe((eph_zpages * PAGE_SIZE) / eph_zbytes)
    expect(metrics['ephemeral.ratio.effective']).toBe(eph_zpages / eph_pageframes)
    expect(metrics['ephemeral.fragmentation']).toBeCloseTo(1 - eph_zbytes / (eph_pageframes * PAGE_SIZE), 12)
  })

  it('is frozen and thawed at shares of the accesses: puts are refused and counted, gets go on', async () => {
    const shares = [
      { at: null, thaw: null },
      { at: 0, thaw: null },
      { at: 0.4, thaw: 0.6 },
      { at: 0.6, thaw: 0.8 },
    ]
    const workload = { ...BASE.workload, file: { share: 0.3 } }
    const lanes = shares.map((freeze) => ({ lane: 'zcache', freeze }) satisfies LaneInput)
    const spec = parseSpec({ ...BASE, warmup: 0.2, workload, lanes })
    expect(spec.lanes.map(laneLabel).slice(1)).toEqual([
      'zcache lz4 no writeback, frozen 0 to 1',
      'zcache lz4 no writeback, frozen 0.4 to 0.6',
      'zcache lz4 no writeback, frozen 0.6 to 0.8',
    ])
    const { trials } = await simulateExperiment(spec)
    const [never, always, early, late] = spec.lanes.map((_, lane) => {
      const trial = trials.find((one) => one.lane === lane)
      if (!trial) throw new Error('a lane without a trial')
      const { put_to_flush, succ_pers_puts, succ_eph_puts, pers_gets, failed_pers_puts } = trial.counters
      return { put_to_flush, puts: succ_pers_puts + succ_eph_puts, pers_gets, failed_pers_puts }
    })
    expect([never.put_to_flush, always.puts, always.failed_pers_puts]).toEqual([0, 0, 0])
    for (const some of [early, late]) {
      expect(some.put_to_flush).toBeGreaterThan(always.put_to_flush / 8)
      expect(some.put_to_flush).toBeLessThan(always.put_to_flush / 2)
      expect(some.puts).toBeGreaterThan(never.puts / 3)
    }
    expect(always.pers_gets).toBeGreaterThan(0)
    expect(late.pers_gets).toBeGreaterThan(always.pers_gets)
  })

  it('has as its peaks the most frames of the measured part, not of what came before', async () => {
    const workload = { ...BASE.workload, file: { share: 0.3 } }
    const frozen = { lane: 'zcache', freeze: { at: 0 } } satisfies LaneInput
    const [trial] = (await simulateExperiment(parseSpec({ ...BASE, warmup: 0.5, workload, lanes: [frozen] }))).trials
    const { metrics, counters, series } = trial
    // Populated full, then frozen: the pool only drains, and its peak is what it had when the measured part began.
    expect(counters.pers_pageframes_max + counters.eph_pageframes).toBeGreaterThan(250)
    const atStart = metrics['pool.frames.peak'] + metrics['ephemeral.frames.peak']
    expect(atStart).toBe(series.filter(({ warmup }) => warmup).at(-1)?.poolFrames)
    expect(atStart).toBeLessThan(counters.pers_pageframes_max)
  })

  it('says why a thaw is impossible', () => {
    expect(() => specOf({ lane: 'zcache', freeze: { thaw: 0.5 } })).toThrow(/lanes\.0\.freeze\.thaw: needs freeze\.at/)
    expect(() => specOf({ lane: 'zcache', freeze: { at: 0.5, thaw: 0.5 } })).toThrow(
      /lanes\.0\.freeze\.thaw: must be later than freeze\.at \(0\.5\)/,
    )
  })

  it('refuses zcache without frontswap where nothing is left for it to do', () => {
    const off = { lane: 'zcache', frontswap: 'off' } as const
    expect(() => specOf(off)).toThrow(/lanes\.0\.frontswap: off leaves nothing to compress/)
    const workload = { ...BASE.workload, file: { share: 0.3 } }
    expect(() => parseSpec({ ...BASE, workload, lanes: [{ ...off, writeback: 'on' }] })).toThrow(
      /lanes\.0\.frontswap: off leaves writeback no page to write/,
    )
    expect(parseSpec({ ...BASE, workload, lanes: [off] }).lanes).toHaveLength(1)
  })

  it('pays for the tables of its ephemeral half, where there is one', () => {
    const bytes = (share: number, cleancache: 'on' | 'off') => {
      const lanes = [{ lane: 'zcache', cleancache }] satisfies LaneInput[]
      const spec = parseSpec({ ...BASE, workload: { ...BASE.workload, file: { share } }, lanes })
      return laneMemory(spec.lanes[0], spec, slotsFor(spec)).metadataBytes
    }
    expect(bytes(0.3, 'on')).toBeGreaterThan(bytes(0.3, 'off'))
    expect(bytes(0, 'on')).toBe(bytes(0, 'off'))
  })

  it('has no place beside the kernel of the host where part of the workload is file-backed', () => {
    const workload = { ...BASE.workload, file: { share: 0.3 } }
    const memory = { frames: 4096, pool: 1024 }
    expect(() =>
      parseSpec({ ...BASE, mode: 'measure', memory, workload, lanes: [{ lane: 'zcache' }, { lane: 'kernel-swap' }] }),
    ).toThrow(/workload\.file\.share: is for lanes of the engine: kernel-swap has anonymous memory only/)
  })

  it('refuses raw pages where the allocator takes no whole page, and says what to choose', () => {
    expect(() => specOf({ lane: 'zswap', allocator: 'zbud' })).toThrow(
      /lanes\.0\.incompressible: zbud takes no whole page: choose "reject", or one of z3fold, zsmalloc/,
    )
    expect(specOf({ lane: 'zswap', allocator: 'zbud', incompressible: 'reject' }).lanes).toHaveLength(1)
    for (const { name, maxZpageBytes } of Object.values(ALLOCATORS)) {
      const raw = () => specOf({ lane: 'zswap', allocator: name })
      if (maxZpageBytes === PAGE_SIZE) expect(raw).not.toThrow()
      else expect(raw).toThrow(`${name} takes no whole page`)
    }
  })

  it('is labelled by the form and the clusters of its writeback', () => {
    const lane = { lane: 'zcache', writeback: 'on' } as const
    const lanes = [lane, { ...lane, writebackForm: 'zpage' }, { ...lane, writebackCluster: 8 }] as const
    const labels = parseSpec({ ...BASE, swapfile: { layout: 'log' }, lanes: [...lanes] }).lanes.map(laneLabel)
    expect(labels.map((label) => label.slice('zcache lz4 writeback lru-frame'.length))).toEqual([
      '',
      ' as zpages',
      ' in clusters of 8',
    ])
  })

  it('is labelled by its second thread, which a simulation has not', () => {
    const lane = { lane: 'zcache', writeback: 'on', writebackThread: 'on' } as const
    expect(laneLabel(parseSpec({ ...BASE, mode: 'measure', lanes: [lane] }).lanes[0])).toBe(
      'zcache lz4 writeback lru-frame by a second thread',
    )
    expect(() => specOf(lane)).toThrow(/lanes\.0\.writebackThread: "on" needs mode "measure"/)
  })

  it('refuses to write zpages where a slot holds one page, and says what to choose', () => {
    expect(() => specOf({ lane: 'zcache', writeback: 'on', writebackForm: 'zpage' })).toThrow(
      /lanes\.0\.writebackForm: "zpage" needs swapfile\.layout "log"/,
    )
  })

  it('pays for a log, and for zpages with half the frames that pages would keep aside', () => {
    const memory = (swapfile: ExperimentInput['swapfile'], writebackForm: 'page' | 'zpage') => {
      const lane = { lane: 'zcache', writeback: 'on', inflight: 32, writebackForm } as const
      const spec = parseSpec({ ...BASE, swapfile, lanes: [lane] })
      return laneMemory(spec.lanes[0], spec, slotsFor(spec))
    }
    const slot = memory({}, 'page')
    const log = memory({ layout: 'log' }, 'page')
    const zpages = memory({ layout: 'log' }, 'zpage')
    expect(log.metadataBytes - slot.metadataBytes).toBeGreaterThan(8 * 3000)
    expect([slot.bufferPages, log.bufferPages]).toEqual([0, 32])
    expect(zpages.metadataBytes).toBe(log.metadataBytes)
    expect([log.reserve, zpages.reserve, zpages.bufferPages - log.bufferPages]).toEqual([64, 0, 33])
  })

  it('refuses a policy by frame over zsmalloc before anything is prepared, naming both and the field', () => {
    const spec = specOf({ lane: 'raw' }, { lane: 'zswap', writeback: 'on', policy: 'lru-frame' })
    expect(() => checkLanes(spec)).toThrow(
      expect.objectContaining({
        code: 'bad_input',
        field: 'lanes.1.policy',
        message: 'The policy lru-frame writes back whole frames, and zsmalloc can give back none on demand.',
      }),
    )
    checkLanes(specOf({ lane: 'zswap', writeback: 'off', policy: 'lru-frame' }))
  })

  it('refuses more accesses than a policy that knows the future can have in its tables', () => {
    const spec = specOf({ lane: 'raw' }, { lane: 'zcache', writeback: 'on', policy: 'optimal' })
    const workload = { ...spec.workload, operations: 1e8 }
    expect(() => checkLanes({ ...spec, workload })).toThrow(
      expect.objectContaining({ code: 'bad_input', field: 'workload.operations' }),
    )
    checkLanes(spec)
    checkLanes({ ...spec, lanes: [spec.lanes[0]], workload })
  })

  it('knows the most pages that RAM, pool and allocator can hold together', () => {
    const mostOf = (lane: LaneInput) => {
      const spec = specOf(lane)
      const slots = slotsFor(spec)
      const metadata = Math.ceil(laneMemory(spec.lanes[0], spec, slots).metadataBytes / PAGE_SIZE)
      const { frames, pool } = spec.memory
      const most = mostPages(spec.lanes[0], spec, slots)
      return most === null ? null : (most - (frames - metadata)) / pool
    }
    const lane = { lane: 'zcache', writeback: 'on' } as const
    expect([mostOf({ lane: 'raw' }), mostOf(lane), mostOf({ ...lane, allocator: 'z3fold' })]).toEqual([0, 1, 2])
    expect(mostOf({ ...lane, allocator: 'zsmalloc', policy: 'lru-zpage' })).toBe(null)
    const zswap = { lane: 'zswap', writeback: 'on', allocator: 'zbud', incompressible: 'reject' } as const
    expect(mostOf({ ...zswap, sameFilled: 'off' })).toBe(1)
    for (const sameFilled of ['zswap', 'swap-map'] as const) expect(mostOf({ ...zswap, sameFilled })).toBe(null)
    const asZpages = parseSpec({ ...BASE, swapfile: { layout: 'log' }, lanes: [{ ...lane, writebackForm: 'zpage' }] })
    expect(mostPages(asZpages.lanes[0], asZpages, slotsFor(asZpages))).toBe(null)
  })

  it('refuses fewer pages in flight than a victim frame may hold', () => {
    const lane = { lane: 'zcache', allocator: 'z3fold', writeback: 'on' } as const
    expect(() => checkLanes(specOf({ ...lane, inflight: 2 }))).toThrow(
      expect.objectContaining({ code: 'bad_input', field: 'lanes.0.inflight' }),
    )
    checkLanes(specOf({ ...lane, inflight: 3 }))
  })

  it('is refused before anything is prepared where the RAM has no room left for pages, with what it takes', () => {
    const workload = { pages: 4_000_000 }
    const { lanes } = specOf({ lane: 'raw' }, { lane: 'zcache', writeback: 'on' })
    const spec = parseSpec({ ...BASE, memory: { frames: 2048, pool: 400 }, workload, lanes })
    let needed = 0
    try {
      checkLanes(spec)
    } catch (error) {
      expect(error).toMatchObject({ code: 'bad_input', field: 'memory.frames' })
      needed = Number(/at least (\d+) frames of RAM/.exec(String(error instanceof LabError && error.remedy))?.[1])
    }
    expect(needed).toBeGreaterThan(2048)
    checkLanes({ ...spec, memory: { frames: needed + 8, pool: 400 } })
    expect(() => checkLanes({ ...spec, memory: { frames: needed - 8, pool: 400 } })).toThrow(
      /too few for pages and pool/,
    )
  })

  it('pays for the tables of its allocator', () => {
    const spec = specOf({ lane: 'raw' })
    const bytes = (lane: LaneInput) => laneMemory(laneOf(lane), spec, 4096).metadataBytes
    expect(bytes({ lane: 'zcache', allocator: 'z3fold' })).toBeGreaterThan(bytes({ lane: 'zcache' }))
    // zcache beside its radix nodes has the same to pay as zswap.
    expect(bytes({ lane: 'zcache', allocator: 'zsmalloc' })).toBeGreaterThan(bytes({ lane: 'zswap' }))
  })
})

it('of every page that a lane refuses one counter says why, by the names of its kernel', async () => {
  const zswap = ['pool_limit_hit', 'policy_rejects', 'reject_alloc_fail', 'reject_compress_poor']
  const zcache = [
    'failed_get_free_pages',
    'failed_alloc',
    'compress_poor',
    'mean_compress_poor',
    'policy_rejects',
  ] as const
  const reasons: [LaneInput, readonly string[]][] = [
    [{ lane: 'zcache' }, zcache],
    [{ lane: 'zcache', writeback: 'on', policy: 'watermark' }, zcache],
    [{ lane: 'zswap' }, zswap],
    [{ lane: 'zswap', writeback: 'on' }, zswap],
    [{ lane: 'zswap', writeback: 'on', incompressible: 'reject', label: 'rejecting' }, zswap],
    [{ lane: 'zswap-2013' }, ['reject_reclaim_fail', 'reject_alloc_fail', 'reject_compress_poor']],
    [
      { lane: 'zswap-2013', form: 'v4' },
      ['reject_flush_attempted', 'reject_flush_fail', 'reject_alloc_fail', 'reject_compress_poor'],
    ],
    [{ lane: 'xen-tmem', interval: 0.01 }, ['age_inversions', 'compress_poor']],
    [{ lane: 'zram', disksize: 500 }, ['age_inversions']],
  ]
  const lanes = reasons.map(([lane]) => lane)
  const workload = { pages: 6000, operations: 10_000 }
  const { trials } = await simulateExperiment(
    parseSpec({ ...BASE, memory: { frames: 2048, pool: 400 }, workload, lanes }),
  )
  for (const { lane, counters } of trials) {
    const refused = counters.frontswap_failed_stores
    expect([lane, refused > 50]).toEqual([lane, true])
    const sum = reasons[lane][1].reduce((total, name) => total + counters[name], 0)
    expect([lane, sum]).toEqual([lane, refused])
  }
})

describe('the allocators on the same sizes', () => {
  it('hold as many pages in a frame as they can: zbud two, z3fold three, zsmalloc more', async () => {
    const small = { ...BASE, simulate: { sizes: 'magenheimer' } } as const
    const allocators = ['zbud', 'zbud-zswap', 'z3fold', 'zsmalloc'] as const
    const lanes = allocators.map((allocator) => ({ lane: 'zswap', allocator, incompressible: 'reject' }) as const)
    const { trials } = await simulateExperiment(parseSpec({ ...small, lanes }))
    const of = (metric: string) =>
      allocators.map((_, lane) => trials.find((trial) => trial.lane === lane)?.metrics[metric] ?? Number.NaN)
    const [zbud, zbudZswap, z3fold, zsmalloc] = of('pool.ratio.effective')
    expect(zbud).toBeLessThanOrEqual(2)
    expect(zbudZswap).toBeLessThanOrEqual(2)
    expect(z3fold).toBeGreaterThan(2)
    expect(z3fold).toBeLessThanOrEqual(3)
    expect(zsmalloc).toBeGreaterThan(3)
    const fragmentation = of('pool.fragmentation')
    expect(Math.min(...fragmentation)).toBe(fragmentation[3])
    expect(Math.max(...fragmentation)).toBeLessThan(1)
    // What is rounded up and what lies free, of which zbud, that holds two however small, has the most.
    const [internal, external] = [of('pool.fragmentation.internal'), of('pool.fragmentation.external')]
    for (const [at, whole] of fragmentation.entries()) expect(internal[at] + external[at]).toBeCloseTo(whole, 12)
    expect(Math.min(...internal)).toBeGreaterThan(0)
    expect(external[0]).toBeGreaterThan(external[2])
    expect(external[2]).toBeGreaterThan(external[3])
  })
})

describe('zswap', () => {
  it('has neither writeback nor a disk to fall through to, or both', () => {
    expect(() => specOf({ lane: 'zswap', diskSwap: 'off', writeback: 'on' })).toThrow(/lanes\.0\.diskSwap/)
    expect(() => specOf({ lane: 'zswap', shrinker: 'on' })).toThrow(/lanes\.0\.shrinker: .* set writeback on/)
    expect(laneLabel(laneOf({ lane: 'zswap', writeback: 'on', shrinker: 'on' }))).toBe(
      'zswap lz4 writeback watermark and shrinker',
    )
  })

  it('writes back before the pool is full where the shrinker is on, and the worker still works at the limit', async () => {
    const pool = (shrinker: 'on' | 'off', poolLimit: number) =>
      parseSpec({
        ...BASE,
        simulate: { sizes: 'magenheimer' },
        memory: { frames: 1024, pool: poolLimit },
        lanes: [{ lane: 'zswap', writeback: 'on', shrinker }],
      })
    const count = async (shrinker: 'on' | 'off', poolLimit: number) => {
      const { trials } = await simulateExperiment(pool(shrinker, poolLimit))
      return trials[0].counters
    }
    const roomy = [await count('off', 900), await count('on', 900)]
    expect(roomy.map((counters) => counters.pool_limit_hit)).toEqual([0, 0])
    expect(roomy[0].written_back_pages).toBe(0)
    expect(roomy[1].written_back_pages).toBeGreaterThan(50)
    expect((await count('on', 100)).pool_limit_hit).toBeGreaterThan(0)
  })

  it('counts by the names of its debugfs, raw pages among them, and how many frames each written page gave back', async () => {
    const { trials } = await simulateExperiment(specOf({ lane: 'zswap', writeback: 'on' }))
    const [{ counters, metrics }] = trials
    expect(counters.written_back_pages).toBeGreaterThan(0)
    expect(counters.stored_pages).toBeGreaterThan(0)
    expect(counters.stored_incompressible_pages).toBeGreaterThan(0)
    expect(counters.stored_incompressible_pages).toBeLessThan(counters.stored_pages)
    expect(counters.pool_total_size / 4096).toBeLessThanOrEqual(300)
    expect(counters.pool_limit_hit).toBeGreaterThan(0)
    expect(metrics['writeback.frames_per_page']).toBeGreaterThan(0)
    expect(metrics['writeback.pages_per_s']).toBeGreaterThan(0)
  })
})

describe('zswap of 2013', () => {
  it('counts by the names of its debugfs, each form by its own', async () => {
    const lanes = [
      { lane: 'zswap-2013', form: '3.11' },
      { lane: 'zswap-2013', form: 'v4' },
    ] as const
    const { trials } = await simulateExperiment(
      parseSpec({ ...BASE, memory: { frames: 2048, pool: 300 }, lanes: [...lanes] }),
    )
    const [merged, posted] = [0, 1].map((lane) => trials.find((trial) => trial.lane === lane)?.counters ?? {})
    expect(merged.pool_limit_hit).toBeGreaterThan(0)
    expect(merged.written_back_pages).toBeGreaterThan(0)
    expect(posted.saved_by_flush).toBeGreaterThan(0)
    expect(posted.flushed_pages).toBeGreaterThan(0)
    expect([posted.reject_tmppage_fail, posted.outstanding_flushes >= 0]).toEqual([0, true])
    const { saved_by_flush, reject_flush_attempted, reject_flush_fail } = posted
    expect(saved_by_flush + reject_flush_attempted + reject_flush_fail).toBe(posted.pool_limit_hit)
    expect([merged.saved_by_flush, posted.reject_reclaim_fail]).toEqual([undefined, undefined])
  })

  it('is named by its form, and needs RAM for its reserve', () => {
    expect(laneLabel(laneOf({ lane: 'zswap-2013', form: 'v4', codec: 'lzo' }))).toBe('zswap v4 lzo')
    expect(() =>
      parseSpec({ ...BASE, memory: { frames: 512, pool: 200 }, lanes: [{ lane: 'zswap-2013', form: 'v4' }] }),
    ).toThrow(/lanes\.0\.form: v4 keeps 256 frames aside/)
  })
})

describe('xen-tmem', () => {
  const lane = { lane: 'xen-tmem', interval: 0.005, reserve: 64 } as const
  const spec = (...lanes: LaneInput[]) =>
    parseSpec({ ...BASE, simulate: { sizes: 'magenheimer' }, memory: { frames: 1024, pool: 300 }, lanes })

  it('gives all to a guest that has touched more than the RAM, and then refuses what it swaps out', async () => {
    const { trials } = await simulateExperiment(spec({ ...lane, selfShrink: 'off' }, { ...lane, selfBalloon: 'off' }))
    const [ballooning, still] = [0, 1].map((index) => trials.find((trial) => trial.lane === index)?.counters ?? {})
    expect(ballooning.balloon_target_pages).toBeGreaterThan(950)
    expect(still.balloon_current_pages).toBe(still.balloon_target_pages)
    // Only what holds zpages is not the guest's by then.
    expect(ballooning.balloon_current_pages + ballooning.pers_pageframes).toBe(ballooning.balloon_target_pages)
    expect(Math.min(ballooning.failed_pers_puts, still.failed_pers_puts)).toBeGreaterThan(0)
    expect([ballooning.writtenback_pages, still.writtenback_pages]).toEqual([0, 0])
    // Each for want of a frame, while older pages stay.
    expect(ballooning.age_inversions).toBe(ballooning.failed_pers_puts)
  })

  it('is labelled by what its guest does', () => {
    const labels = spec(lane, { ...lane, selfBalloon: 'off', selfShrink: 'by-age' }).lanes.map(laneLabel)
    expect(labels).toEqual(['xen-tmem lz4', 'xen-tmem lz4, no balloon, self-shrinking by-age'])
  })
})

it('pulling pages back is measured in every lane that can: what came back, and what left again for nothing', async () => {
  const parameters = { interval: 0.002, inertia: 1, share: 0.2, window: 10 }
  const policy = { writeback: 'on', policy: 'frontswap-shrink', parameters } as const
  const { trials } = await simulateExperiment(
    parseSpec({
      ...BASE,
      memory: { frames: 1024, pool: 300 },
      workload: { pages: 1600, operations: 20_000, access: { pattern: 'burst' } },
      lanes: [
        { lane: 'zcache', ...policy },
        { lane: 'zswap', ...policy },
        { lane: 'xen-tmem', interval: 0.002, inertia: 1, selfBalloon: 'off' },
      ],
    }),
  )
  for (const { counters } of trials) expect(counters.repatriated_pages).toBeGreaterThan(0)
})

describe('zram', () => {
  it('counts as its mm_stat and bd_stat do, and lets young pages pass to the swap file once it is full', async () => {
    const { trials } = await simulateExperiment(
      specOf({ lane: 'zram' }, { lane: 'zram', writeback: 'idle', idleAge: 0.01, memLimit: 'off' }),
    )
    const [plain, writing] = [0, 1].map((lane) => trials.find((trial) => trial.lane === lane)?.counters ?? {})
    expect([plain.bd_writes, plain.failed_writes > 0, plain.age_inversions > 0]).toEqual([0, true, true])
    expect(plain.mem_used_total).toBeLessThanOrEqual(plain.mem_limit)
    expect(plain.orig_data_size).toBeGreaterThan(plain.compr_data_size)
    expect(plain.huge_pages).toBeGreaterThan(0)
    expect(writing.bd_writes).toBeGreaterThan(0)
    expect(writing.mem_limit).toBe(0)
  })

  it('counts each younger page that passes it as an age inversion, at its disksize as at mem_limit', async () => {
    const small = { lane: 'zram', disksize: 200 } as const
    const { trials } = await simulateExperiment(
      specOf({ lane: 'zram' }, { ...small, label: 'small' }, { ...small, memLimit: 'off', label: 'no mem_limit' }),
    )
    for (const { counters } of trials) {
      expect(counters.failed_writes).toBeGreaterThan(100)
      // What finds no free frame, below mem_limit, is none.
      expect(counters.age_inversions).toBeGreaterThan(0.9 * counters.failed_writes)
    }
  })

  it('counts as bd_reads what is read ahead from the backing device, too', async () => {
    const workload = { ...BASE.workload, operations: 30_000, access: { pattern: 'sequential' } } as const
    const lane = { lane: 'zram', writeback: 'idle', idleAge: 0.01, memLimit: 'off' } as const
    const [{ counters }] = (await simulateExperiment(parseSpec({ ...BASE, workload, lanes: [lane] }))).trials
    expect(counters.swap_ra).toBeGreaterThan(1000)
    expect(counters.bd_reads).toBeGreaterThan(counters.refaults + counters.swap_ra / 2)
    expect(counters.bd_reads).toBeLessThanOrEqual(counters.refaults + counters.swap_ra)
  })

  it('keeps zero pages as a word, and is named by what it writes back', async () => {
    const { trials } = await simulateExperiment(
      parseSpec({ ...BASE, simulate: { sizes: 'magenheimer' }, lanes: [{ lane: 'zram' }] }),
    )
    expect(trials[0].counters.same_pages).toBeGreaterThan(0)
    expect(laneLabel(laneOf({ lane: 'zram', writeback: 'idle' }))).toBe('zram lz4 writeback idle')
  })

  describe('with recompression', () => {
    const lane = { lane: 'zram', idleAge: 0.01, memLimit: 'off' } as const
    const recompress = { type: 'huge_idle', codec: 'zstd' } as const
    const corpus = (...lanes: LaneInput[]) =>
      parseSpec({
        ...BASE,
        simulate: { sizes: 'corpus' },
        // Without a free frame a result finds no room.
        memory: { frames: 2048, pool: 600 },
        workload: { ...BASE.workload, content: { source: 'synthetic', pages: 128 } },
        lanes,
      })

    it('keeps more in fewer bytes at the price of the second codec, and counts as block_state and bd_stat do', async () => {
      const idle = { type: 'idle', codec: 'zstd' } as const
      const { trials } = await simulateExperiment(
        corpus(lane, { ...lane, recompress: idle }, { ...lane, recompress, writeback: 'incompressible' }),
      )
      const [never, all, writing] = [0, 1, 2].map((at) => trials.find(({ lane }) => lane === at)?.counters ?? {})
      const ratio = ({ orig_data_size, compr_data_size }: typeof all) => orig_data_size / compr_data_size
      expect(ratio(all)).toBeGreaterThan(ratio(never))
      expect(all.recompressed_pages).toBeGreaterThan(50)
      expect([never.recompressed_pages, never.invalid_io, never.bd_count]).toEqual([undefined, 0, 0])
      expect(never.huge_pages_since).toBeGreaterThan(0)
      expect(never.notify_free).toBeGreaterThan(0)
      expect(writing.bd_writes).toBeGreaterThan(0)
      expect(writing.bd_count).toBeGreaterThan(0)
    })

    it('is named by it, and pays for the page it works on', () => {
      const spec = corpus({ lane: 'zram' }, { lane: 'zram', recompress: { ...recompress, level: 3 } })
      expect(spec.lanes.map(laneLabel)).toEqual(['zram lz4', 'zram lz4 recompress huge_idle zstd:3'])
      const [never, charged] = spec.lanes.map((one) => laneMemory(one, spec, 4096).metadataBytes)
      expect(charged - never).toBe(PAGE_SIZE)
    })

    it('refuses the first codec again, a writeback that finds nothing, and sizes that know one codec only', () => {
      expect(() => corpus({ lane: 'zram', codec: 'zstd', recompress })).toThrow(
        /lanes\.0\.recompress\.codec: zstd is the first codec too, at the same level/,
      )
      expect(corpus({ lane: 'zram', codec: 'zstd', recompress: { ...recompress, level: 9 } }).lanes).toHaveLength(1)
      expect(() => corpus({ lane: 'zram', recompress: { ...recompress, level: 99 } })).toThrow(
        /lanes\.0\.recompress\.level: zstd takes -50 to 19/,
      )
      expect(() => corpus({ lane: 'zram', writeback: 'incompressible' })).toThrow(
        /lanes\.0\.writeback: incompressible is/,
      )
      expect(() => specOf({ lane: 'zram', recompress })).toThrow(
        /lanes\.0\.recompress\.type: needs sizes of two codecs, .* set simulate\.sizes "corpus"/,
      )
    })

    it('has its second codec looked for before the run', () => {
      expect(laneCodecs(corpus({ lane: 'zram', recompress }).lanes[0])).toEqual([
        { name: 'lz4', field: 'codec' },
        { name: 'zstd', field: 'recompress.codec' },
      ])
    })
  })
})

describe('RAMster', () => {
  const nodes = ['redis://10.0.0.1', 'redis://10.0.0.2']

  it('is labelled by its nodes and their memory beside its pool', () => {
    const labels = specOf(
      { lane: 'ramster', nodes: nodes.slice(1) },
      { lane: 'ramster', nodes, nodePages: 500, writeback: 'on', exclusiveGets: 'off' },
    ).lanes.map(laneLabel)
    expect(labels).toEqual([
      'ramster lz4 no writeback, one node',
      'ramster lz4 writeback lru-frame, 2 nodes of 500 pages, gets not exclusive',
    ])
  })

  it('answers from its nodes what zcache has no room for, and in the time its model says', async () => {
    const model = { rtt: 250, bandwidth: 1000 }
    const { trials } = await simulateExperiment(
      specOf({ lane: 'zcache' }, { lane: 'ramster', nodes, interval: 0.001, model }),
    )
    const [zcache, ramster] = [0, 1].map((lane) => {
      const trial = trials.find((one) => one.lane === lane)
      if (!trial) throw new Error('a lane without a trial')
      return trial
    })
    expect(ramster.counters.faults_remote).toBeGreaterThan(500)
    expect(ramster.counters.pswpout).toBeLessThan(zcache.counters.pswpout / 4)
    expect(ramster.metrics['fault.remote.ns.p50']).toBeGreaterThan(250_000)
    expect(ramster.metrics['fault.remote.ns.p50']).toBeLessThan(300_000)
    expect(ramster.metrics['remote.bytes.peak']).toBeGreaterThan(500 * 1000)
    expect(zcache.counters.faults_remote).toBe(0)
    expect(ramster.verified.mismatches).toBe(0)
  })

  it('gives each node no more than its memory', async () => {
    const { trials } = await simulateExperiment(specOf({ lane: 'ramster', nodes, nodePages: 50, interval: 0.001 }))
    const { counters, metrics } = trials[0]
    expect(counters.remote_pers_pages).toBeGreaterThan(50)
    expect(metrics['remote.bytes.peak']).toBeLessThanOrEqual(2 * 50 * PAGE_SIZE)
    expect(counters.pswpout).toBeGreaterThan(0)
  })

  it('says what leaves it nothing to send', () => {
    expect(() => specOf({ lane: 'ramster', nodes, frontswap: 'off' })).toThrow(
      /lanes\.0\.frontswap: off leaves no page to send to a node/,
    )
  })
})
