import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { Arena, native } from '../../../native-bench/index.ts'
import {
  type CodecName,
  type ExperimentInput,
  type ExperimentSpec,
  type LaneSpec,
  parseSpec,
} from '../../contract/index.ts'
import type { Clock } from '../../mm/index.ts'
import { MAX_ZPAGE_BYTES, MAX_ZSWAP_ZPAGE_BYTES, ZRAM_MAX_ZPAGE_BYTES } from '../../zcache/index.ts'
import { SMALL } from '../fixture-experiment.ts'
import { openNativeCodec } from '../lanes/native-codec.ts'
import type { Meters } from '../measure/meters.ts'
import { prepareMeasurement } from '../measured-world.ts'
import { placesFor, slotsFor } from '../plan.ts'
import { runTrial, type TrialResult, type TrialSetup } from '../trial/index.ts'
import { buildCorpus, corpusPageOf } from '../workloads/index.ts'
import type { OpenWorld } from '../world.ts'
import { codecCosts } from './codec-costs.ts'
import { CorpusPages } from './corpus-pages.ts'
import { REFERENCE_DEVICE } from './device-model.ts'
import { engineCosts } from './engine-costs.ts'
import { simulateExperiment } from './simulate-experiment.ts'
import { type Models, SimulatedWorld } from './simulated-world.ts'
import { corpusSameFilled, type ZpageSizes } from './zpage-sizes.ts'

/**
 * The simulator against the engine on a real disk. Where nothing depends on time (psync ends its writes inside the call, and
 * without a sync there is nothing to wait for) every single count must agree.
 */

const folder = mkdtempSync(join(tmpdir(), 'swaplab-oracle-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const BASE = {
  ...SMALL,
  workload: { ...SMALL.workload, operations: 8000 },
  swapfile: { io: 'psync', sync: 'none', buffered: true },
} satisfies ExperimentInput

const LANES = {
  raw: { lane: 'raw' },
  'zcache, writeback off': { lane: 'zcache', writeback: 'off', inflight: 32 },
  'zcache, writeback on': { lane: 'zcache', writeback: 'on', inflight: 32 },
  'zcache, gets not exclusive': { lane: 'zcache', writeback: 'on', exclusiveGets: 'off', inflight: 32 },
  'zcache, writethrough': { lane: 'zcache', writeback: 'on', writethrough: 'on', inflight: 32 },
  'zcache, active pages only': { lane: 'zcache', activeOnly: 'on', inflight: 32 },
  'zcache, frozen for a while': { lane: 'zcache', writeback: 'on', freeze: { at: 0.4, thaw: 0.6 }, inflight: 32 },
  'zcache over z3fold': { lane: 'zcache', allocator: 'z3fold', writeback: 'on', inflight: 32 },
  'zcache over zsmalloc': { lane: 'zcache', allocator: 'zsmalloc', writeback: 'off' },
  'zswap, writeback off': { lane: 'zswap', writeback: 'off', inflight: 32 },
  // Its own policy, watermark, works at ticks of the clock.
  'zswap, writeback at the limit': { lane: 'zswap', writeback: 'on', policy: 'batch-at-limit', inflight: 32 },
  'zswap, same-filled pages its own': { lane: 'zswap', sameFilled: 'zswap', writeback: 'off', inflight: 32 },
  'zswap, writeback by zpage': { lane: 'zswap', writeback: 'on', policy: 'lru-zpage', inflight: 32 },
  'zswap of 2013, as merged': { lane: 'zswap-2013' },
} as const satisfies Record<string, NonNullable<ExperimentInput['lanes']>[number]>

/** The same lanes on a log; this small area is cleaned often. */
const LOG = { layout: 'log', overprovision: 0.05 } as const

/** A clock that stands still but for the accesses, the same in both worlds. */
class AccessClock implements Clock {
  private ns = 0
  now(): number {
    return this.ns
  }
  /** Hears of the accesses of a trial. */
  readonly observer = {
    access: () => {
      this.ns += ACCESS_NS
    },
    evict: () => {},
  }
  /** A world without any other time. */
  of(open: OpenWorld): OpenWorld {
    return (meters) => {
      const { io, file, contents, arena, zpageArena, mover, openCodec, openDecompressor, samePages } = open(meters)
      return {
        clock: this,
        ...{ io, file, contents, arena, zpageArena, mover, openCodec, openDecompressor, samePages },
        recorders: (mm) => mm,
        hit: () => {},
        idle: () => {},
        turnDue: () => false,
        turnTaken: () => {},
        usage: () => null,
        sensors: null,
        live: null,
      }
    }
  }
}
const ACCESS_NS = 20_000

/** Carries out the trial, with its own clock or by the accesses. */
function carryOut(setup: TrialSetup, clock: AccessClock | undefined): Promise<TrialResult> {
  const timed = clock ? { ...setup, openWorld: clock.of(setup.openWorld), observer: clock.observer } : setup
  return runTrial(timed, { tick: async () => {} })
}

async function measured(spec: ExperimentSpec, clock?: AccessClock): Promise<TrialResult> {
  const slots = slotsFor(spec)
  const worlds = await prepareMeasurement(spec, {
    slots: placesFor(spec),
    swapDir: folder,
    runId: 'oracle',
    selfCorpus: null,
    signal: new AbortController().signal,
    onPermission: () => {},
    onProgress: () => {},
    onPrecondition: () => {},
  })
  try {
    const [lane] = spec.lanes
    return await carryOut({ spec, lane, slots, openWorld: worlds.open(lane, 0) }, clock)
  } finally {
    worlds.close()
  }
}

/** Compression with a capacity may give up a little before the capacity is reached. */
function capacityOf(lane: LaneSpec): number {
  switch (lane.lane) {
    case 'zswap':
    case 'xen-tmem':
      return MAX_ZSWAP_ZPAGE_BYTES
    case 'zswap-2013':
      // v4's max_compression_ratio; what zbud holds beside its header and the entry's.
      return lane.form === 'v4' ? 3317 : 3960
    case 'zram':
      return ZRAM_MAX_ZPAGE_BYTES
    default:
      return MAX_ZPAGE_BYTES
  }
}

/** Simulated with the size every page and version really has. */
async function simulatedExactly(spec: ExperimentSpec, clock?: AccessClock): Promise<TrialResult> {
  const corpus = buildCorpus(spec.workload.content, { seed: spec.seed, selfCorpus: null })
  const [lane] = spec.lanes
  const opened: { close(): void }[] = []
  const sizes = (name: CodecName, level: number | undefined): ZpageSizes => {
    const arena = new Arena(3)
    const codec = openNativeCodec(name, level, arena, 1)
    opened.push(codec, { close: () => arena.release() })
    return {
      bytesOf(vpn, version) {
        native.pageFill(arena.id, 0, corpus.arena.id, corpusPageOf(vpn, spec.seed, corpus.pages), vpn, version)
        return codec.compress(0, codec.scratch, capacityOf(lane)) || 4096
      },
    }
  }
  try {
    const slots = slotsFor(spec)
    const places = placesFor(spec)
    const models: Models = {
      device: REFERENCE_DEVICE,
      engine: engineCosts(null),
      sizes,
      costs: (name) => codecCosts(name, null),
      sameFilled: () => corpusSameFilled(new CorpusPages(() => corpus).sameFilled(), spec.workload.pages, spec.seed),
    }
    const openWorld = (meters: Meters) => new SimulatedWorld({ spec, lane, slots: places, models, luck: 1, meters })
    return await carryOut({ spec, lane, slots, openWorld }, clock)
  } finally {
    for (const one of opened) one.close()
    corpus.release()
  }
}

/** Metrics that are counts or shares of counts. */
const TIMELESS = [
  'disk.bytes_written',
  'disk.bytes_read',
  'pool.frames.peak',
  'pool.ratio.true',
  'pool.ratio.effective',
  'pool.fragmentation',
  'pool.fragmentation.internal',
  'writeback.frames_per_page',
  'log.write_amplification',
  'writeback.packing.ratio',
]
const timeless = ({ metrics }: TrialResult) => TIMELESS.map((name) => [name, metrics[name]])

/** Both, found to have counted the same. */
async function agreeing(spec: ExperimentSpec): Promise<{ real: TrialResult; model: TrialResult }> {
  const real = await measured(spec)
  const model = await simulatedExactly(spec)
  expect(model.counters).toEqual(real.counters)
  expect(timeless(model)).toEqual(timeless(real))
  expect(model.verified).toEqual(real.verified)
  return { real, model }
}

describe.each(Object.keys(LANES) as (keyof typeof LANES)[])('%s', (name) => {
  it.each([
    { access: { pattern: 'zipf', theta: 0.9, writes: 0.3 } },
    { access: { pattern: 'burst' } },
    { access: { pattern: 'sequential' } },
  ] as const)(
    'counts as the engine on the disk does, whatever does not depend on time: $access.pattern',
    async ({ access }) => {
      const spec = parseSpec({ ...BASE, workload: { ...BASE.workload, access }, lanes: [LANES[name]] })
      const { real, model } = await agreeing(spec)
      expect(real.counters.pgfault).toBeGreaterThan(1000)
      for (const [metric, data] of Object.entries(model.histograms))
        expect([metric, data.count.length > 0]).toEqual([metric, true])
    },
  )
})

const AS_ZPAGES = {
  'zcache, written as zpages': { lane: 'zcache', writeback: 'on', writebackForm: 'zpage', inflight: 32 },
  'zswap, written as zpages in clusters': {
    lane: 'zswap',
    writeback: 'on',
    policy: 'lru-zpage',
    writebackForm: 'zpage',
    writebackCluster: 4,
    inflight: 32,
  },
} as const satisfies Record<string, NonNullable<ExperimentInput['lanes']>[number]>

describe.each(Object.keys(AS_ZPAGES) as (keyof typeof AS_ZPAGES)[])('%s', (name) => {
  it.each([{ pattern: 'uniform', writes: 0.5 }, { pattern: 'sequential' }] as const)(
    'counts as the engine on the disk does: %o',
    async (access) => {
      const workload = { ...BASE.workload, operations: 12_000, access }
      const spec = parseSpec({ ...BASE, workload, swapfile: { ...BASE.swapfile, ...LOG }, lanes: [AS_ZPAGES[name]] })
      const { real } = await agreeing(spec)
      expect(real.counters.zpages_read_back).toBeGreaterThan(100)
      expect(real.counters.log_block_zpages).toBeGreaterThan(1.2 * real.counters.log_blocks)
    },
  )
})

/** What happens every so often happens after as many accesses in both. */
const BY_THE_CLOCK = {
  zram: { lane: 'zram' },
  'zram that recompresses what is huge': { lane: 'zram', idleAge: 0.02, recompress: { type: 'huge' } },
  'zram that recompresses what is idle': { lane: 'zram', idleAge: 0.02, recompress: { type: 'idle', threshold: 400 } },
  'zram that recompresses and writes back': {
    lane: 'zram',
    idleAge: 0.02,
    recompress: { type: 'huge_idle' },
    writeback: 'incompressible',
  },
  'zram that writes back what is idle': { lane: 'zram', idleAge: 0.02, writeback: 'idle', writebackLimit: 3000 },
  'zswap, its worker and its shrinker': { lane: 'zswap', writeback: 'on', shrinker: 'on', inflight: 32 },
  'zcache, a drip': {
    lane: 'zcache',
    writeback: 'on',
    policy: 'idle-age',
    parameters: { age: 0.02 },
    inflight: 32,
  },
} as const satisfies Record<string, NonNullable<ExperimentInput['lanes']>[number]>

describe.each(Object.keys(BY_THE_CLOCK) as (keyof typeof BY_THE_CLOCK)[])('%s, with time by accesses', (name) => {
  it('counts as the engine on the disk does', async () => {
    const workload = { ...BASE.workload, operations: 12_000, access: { pattern: 'zipf', theta: 0.9, writes: 0.3 } }
    const spec = parseSpec({ ...BASE, workload, lanes: [BY_THE_CLOCK[name]] })
    const real = await measured(spec, new AccessClock())
    const model = await simulatedExactly(spec, new AccessClock())
    expect(model.counters).toEqual(real.counters)
    expect(timeless(model)).toEqual(timeless(real))
    expect(model.verified).toEqual(real.verified)
    expect(real.counters.faults_pool).toBeGreaterThan(500)
    const [lane] = spec.lanes
    if (lane.lane === 'zram' && lane.recompress.type !== 'off')
      expect(real.counters.recompress_tried).toBeGreaterThan(20)
    const written = real.counters.bd_writes ?? real.counters.written_back_pages ?? real.counters.writtenback_pages
    if (lane.lane !== 'zram' || lane.writeback !== 'off') expect(written).toBeGreaterThan(20)
  })
})

/** What happens once swapping has stopped: a burst that is freed leaves pages in the pool, and room for them in RAM. */
const AFTER_A_BURST = {
  'zcache, from which frontswap shrinks': {
    lane: 'zcache',
    writeback: 'on',
    policy: 'frontswap-shrink',
    parameters: { interval: 0.005 },
    inflight: 32,
  },
  'Xen tmem, whose guest balloons and shrinks': { lane: 'xen-tmem', interval: 0.005, reserve: 16 },
} as const satisfies Record<string, NonNullable<ExperimentInput['lanes']>[number]>

describe.each(Object.keys(AFTER_A_BURST) as (keyof typeof AFTER_A_BURST)[])('%s, with time by accesses', (name) => {
  it('counts as the engine on the disk does', async () => {
    const workload = { ...BASE.workload, operations: 12_000, access: { pattern: 'burst', size: 0.8 } } as const
    const spec = parseSpec({ ...BASE, workload, lanes: [AFTER_A_BURST[name]] })
    const real = await measured(spec, new AccessClock())
    const model = await simulatedExactly(spec, new AccessClock())
    expect(model.counters).toEqual(real.counters)
    expect(timeless(model)).toEqual(timeless(real))
    expect(model.verified).toEqual(real.verified)
    expect(real.counters.repatriated_pages).toBeGreaterThan(20)
    if (spec.lanes[0].lane === 'xen-tmem') expect(real.counters.ballooned_out).toBeGreaterThan(20)
  })
})

it('zswap of 2013, as posted, counts as the engine on the disk does', async () => {
  // Its reserve of 256 frames must fit a quarter of the RAM.
  const workload = { ...BASE.workload, pages: 2500, operations: 12_000 }
  const memory = { frames: 1024, pool: 200 }
  const { real } = await agreeing(parseSpec({ ...BASE, memory, workload, lanes: [{ lane: 'zswap-2013', form: 'v4' }] }))
  expect(real.counters.flushed_pages).toBeGreaterThan(100)
  expect(real.counters.saved_by_flush).toBeGreaterThan(10)
})

describe.each(['raw', 'zcache, writeback on', 'zswap, writeback by zpage'] as const)('%s on a log', (name) => {
  it('counts as the engine on the disk does, cleaning included', async () => {
    const workload = { ...BASE.workload, operations: 12_000, access: { pattern: 'uniform', writes: 0.5 } as const }
    const spec = parseSpec({ ...BASE, workload, swapfile: { ...BASE.swapfile, ...LOG }, lanes: [LANES[name]] })
    const { real } = await agreeing(spec)
    expect(real.counters.log_written_pages).toBeGreaterThan(1000)
    expect(real.counters.log_cleaned_pages).toBeGreaterThan(0)
  })
})

describe.each(Object.keys(LANES) as (keyof typeof LANES)[])('%s, with a file-backed share', (name) => {
  it('counts as the engine on the disk does, reads of the mapped file among it', async () => {
    const workload = { ...BASE.workload, file: { share: 0.4 } }
    const spec = parseSpec({ ...BASE, workload, lanes: [LANES[name]] })
    const { real } = await agreeing(spec)
    expect(real.counters.faults_file).toBeGreaterThan(300)
    if (spec.lanes[0].lane === 'zcache') {
      // The filter leaves hardly any: what it refuses shows that they were offered.
      const offered = spec.lanes[0].activeOnly === 'on' ? 'eph_nonactive_puts_ignored' : 'succ_eph_puts'
      expect(real.counters[offered]).toBeGreaterThan(10)
    }
    if (name === 'zcache, writeback on') expect(real.counters.faults_cleancache).toBeGreaterThan(10)
    expect(real.counters.file_cows).toBeGreaterThan(50)
    expect(real.histograms['fault.file.ns'].count.reduce((sum, n) => sum + n, 0)).toBe(real.counters.faults_file)
  })
})

it('with one size for each corpus page instead of each version, faults by path come within 2 %', async () => {
  const spec = parseSpec({ ...BASE, mode: 'simulate', lanes: [LANES['zcache, writeback off']] })
  const real = await measured(spec)
  const { trials } = await simulateExperiment(spec)
  for (const name of ['pgfault', 'faults_pool', 'faults_disk', 'frontswap_succ_stores'] as const)
    expect(Math.abs(trials[0].counters[name] / real.counters[name] - 1)).toBeLessThan(0.02)
})
