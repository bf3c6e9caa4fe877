import { setImmediate } from 'node:timers/promises'
import { Arena, native } from '../../../native-bench/index.ts'
import { type BesideKernel, type KernelComparison, LabError, PAGE_SIZE } from '../../contract/index.ts'
import { Frontswap, type Recorder } from '../../mm/index.ts'
import { arenaMover, type CompressedPool, openZcache, openZswap } from '../../zcache/index.ts'
import { poolCore } from '../calibrate/pool-core.ts'
import { openNativeCodec } from '../lanes/native-codec.ts'
import { Histogram, type HistogramData, histogramOf, mergeHistograms, percentile } from '../measure/histogram.ts'
import { corpusPageOf, Random } from '../workloads/index.ts'
import { checkCancelled, type Site, withZswap } from './kernel-side.ts'

/**
 * One store and one load. In each round every page goes out in one random order and comes back in another, first on one side, then on
 * the other, whose turn to begin alternates. A page is touched at one byte before its store, and compared whole after its load, on both
 * sides: neither finds in the CPU's caches what the other would not.
 */

const ZERO_PAGES = 512
/** Far above the pages in use: nothing is written back. */
export const STORE_LOAD_POOL_PERCENT = 20

const LANES = ['zcache', 'zswap'] as const
type Lane = (typeof LANES)[number]

interface Sides {
  store: HistogramData
  load: HistogramData
}

interface Round {
  lanes: Record<Lane, Sides>
  codec: Sides
  kernel: Sides
  path: Sides
}

/** @throws LabError codec_unavailable, unavailable, mismatch, cancelled */
export async function compareStoreAndLoad(site: Site): Promise<Pick<KernelComparison, 'pages' | 'lanes'>> {
  const { seed, corpus, cpu, signal } = site
  const { pages, warmRounds, rounds: counted } = site.sizes
  const corpusPages = Uint32Array.from({ length: pages }, (_, vpn) => corpusPageOf(vpn, seed, corpus.pages))
  const engine = new EngineSide(site, corpusPages)
  try {
    if (cpu !== null) native.pinCpu(cpu)
    const setup = { corpusPages, zeroPages: ZERO_PAGES, slots: 2 * pages, poolPercent: STORE_LOAD_POOL_PERCENT }
    const rounds = await withZswap(site, setup, async (measuring) => {
      const random = new Random(seed)
      const order = Uint32Array.from({ length: pages }, (_, vpn) => vpn)
      const rounds: Round[] = []
      for (let round = 0; round < warmRounds + counted; round++) {
        await setImmediate() // a cancel comes in as a message
        checkCancelled(signal)
        const out = Uint32Array.from(random.shuffle(order))
        const back = Uint32Array.from(random.shuffle(order))
        const first = round % 2 === 0 ? engine.round(out, back) : null
        const stores = await measuring.ask({ kind: 'store', vpns: out })
        const loads = await measuring.ask({ kind: 'load', vpns: back })
        if (loads.mismatch >= 0) throw mismatch(loads.mismatch, 'the kernel')
        const path = await measuring.ask({ kind: 'path' })
        const own = first ?? engine.round(out, back)
        if (round >= warmRounds)
          rounds.push({
            ...own,
            kernel: { store: histogramOf(stores.latencies), load: histogramOf(loads.latencies) },
            path: { store: histogramOf(path.stores), load: histogramOf(path.loads) },
          })
      }
      return rounds
    })
    return {
      pages,
      lanes: LANES.map((lane) => ({ lane, store: beside(rounds, lane, 'store'), load: beside(rounds, lane, 'load') })),
    }
  } finally {
    engine.close()
  }
}

/** The engine's two pools, each with its own frames, and the codec alone. */
class EngineSide {
  private readonly lanes: Record<Lane, EngineLane>

  constructor(site: Site, corpusPages: Uint32Array) {
    this.lanes = {
      zcache: new EngineLane('zcache', site, corpusPages),
      zswap: new EngineLane('zswap', site, corpusPages),
    }
  }

  round(out: Uint32Array, back: Uint32Array): Pick<Round, 'lanes' | 'codec'> {
    const { zcache, zswap } = this.lanes
    const codec = { store: new Histogram(), load: new Histogram() }
    zcache.compress(out.toReversed(), codec.store)
    zcache.store(out)
    zcache.decompress(back.toReversed(), codec.load)
    zcache.load(back)
    zswap.store(out)
    zswap.load(back)
    return {
      lanes: { zcache: zcache.sides(), zswap: zswap.sides() },
      codec: { store: codec.store.toData(), load: codec.load.toData() },
    }
  }

  close(): void {
    for (const lane of Object.values(this.lanes)) lane.close()
  }
}

/** Frontswap, the pool with its usual allocator, and the codec, as in a trial. */
class EngineLane {
  private readonly arena: Arena
  private readonly codec
  private readonly pool: CompressedPool
  private readonly frontswap: Frontswap
  private readonly corpus: { arena: number; pages: Uint32Array }
  private readonly meters = { store: new Histogram(), load: new Histogram() }

  constructor(lane: Lane, { corpus }: Site, corpusPages: Uint32Array) {
    const pages = corpusPages.length
    // The pages, as many pool frames, the codec's scratch and a bounce page.
    const scratchPage = 2 * pages
    const arena = new Arena(scratchPage + 6)
    this.arena = arena
    this.corpus = { arena: corpus.arena.id, pages: corpusPages }
    for (let vpn = 0; vpn < pages; vpn++) native.pageFill(arena.id, vpn, corpus.arena.id, corpusPages[vpn], vpn, 1)
    this.codec = openNativeCodec('lzo', undefined, arena, scratchPage)
    const clock = { now: native.now }
    const silent = { record: () => {} }
    const options = {
      frames: 2 * pages,
      slots: pages,
      poolLimit: pages,
      policy: null,
      inflight: 2,
      full: 'bypass',
      budgetBytesPerDay: null,
      compaction: false,
    } as const
    const parts = {
      codec: this.codec,
      arena: arena.bytes,
      mover: arenaMover(arena.bytes),
      bounce: (scratchPage + 5) * PAGE_SIZE,
      generations: new Uint32Array(pages),
      clock,
      meters: { writeback: silent, writebackDecompress: silent, age: silent },
    }
    const core = poolCore(pages, pages)
    this.pool =
      lane === 'zcache'
        ? openZcache(core, { ...options, allocator: 'zbud', exclusiveGets: true }, parts)
        : openZswap(core, { ...options, allocator: 'zsmalloc', incompressible: 'reject' }, parts)
    this.frontswap = new Frontswap(this.pool, pages, clock, { ...this.meters, reject: silent, take: silent })
  }

  store(order: Uint32Array): void {
    this.meters.store.clear()
    for (const page of order) {
      this.touch(page)
      this.frontswap.store(page, page)
    }
  }

  load(order: Uint32Array): void {
    this.meters.load.clear()
    // What does not compress has stayed where it is.
    for (const page of order) if (this.frontswap.load(page, page)) this.verify(page)
  }

  /** The codec call of a store alone. */
  compress(order: Uint32Array, meter: Recorder): void {
    for (const page of order) {
      this.touch(page)
      const start = native.now()
      const bytes = this.codec.compress(page, this.codec.scratch, PAGE_SIZE)
      if (bytes > 0) meter.record(native.now() - start)
    }
  }

  /** The codec call of a load alone, of pages that are stored. */
  decompress(order: Uint32Array, meter: Recorder): void {
    for (const page of order) {
      const zpage = this.pool.peek(page)
      if (zpage === null) continue
      const start = native.now()
      this.codec.decompress(zpage.offset, zpage.bytes, page)
      meter.record(native.now() - start)
      this.verify(page)
    }
  }

  sides(): Sides {
    return { store: this.meters.store.toData(), load: this.meters.load.toData() }
  }

  close(): void {
    this.codec.close()
    this.arena.release()
  }

  /** As a workload's last write would: one line of the page is in the cache. */
  private touch(page: number): void {
    this.arena.bytes[page * PAGE_SIZE]++
    this.arena.bytes[page * PAGE_SIZE]--
  }

  private verify(page: number): void {
    if (!native.pageVerify(this.arena.id, page, this.corpus.arena, this.corpus.pages[page], page, 1))
      throw mismatch(page, 'the engine')
  }
}

function beside(rounds: readonly Round[], lane: Lane, operation: 'store' | 'load'): BesideKernel {
  const p50 = (parts: HistogramData[]) => percentile(mergeHistograms(parts), 0.5) ?? Number.NaN
  const of = (some: readonly Round[]) => {
    const engineNs = p50(some.map(({ lanes }) => lanes[lane][operation]))
    const codecNs = p50(some.map(({ codec }) => codec[operation]))
    const kernelNs = p50(some.map(({ kernel }) => kernel[operation]))
    const pathNs = p50(some.map(({ path }) => path[operation]))
    return {
      engineNs,
      codecNs,
      kernelNs,
      pathNs,
      overKernel: engineNs / kernelNs,
      overNet: engineNs / (kernelNs - pathNs),
    }
  }
  const each = rounds.map((round) => of([round]))
  return {
    ...of(rounds),
    rounds: { overKernel: each.map(({ overKernel }) => overKernel), overNet: each.map(({ overNet }) => overNet) },
  }
}

function mismatch(page: number, side: string): LabError {
  return new LabError({
    code: 'mismatch',
    message: `Page ${page} came back from ${side} with other content than was stored.`,
    remedy: 'This is a defect of Swaplab, of the kernel or of the memory: please report it.',
  })
}
