import { Arena, native } from '../../../native-bench/index.ts'
import { type Calibration, CODEC_LEVELS, type CodecName, PAGE_SIZE } from '../../contract/index.ts'
import { Frontswap } from '../../mm/index.ts'
import { arenaMover, openZcache } from '../../zcache/index.ts'
import { openNativeCodec } from '../lanes/native-codec.ts'
import { Histogram, percentile } from '../measure/histogram.ts'
import { Random } from '../workloads/index.ts'
import { poolCore } from './pool-core.ts'

/**
 * The engine's store and load beside the raw codec call: same pages, same process, page by page in turns. Which of the two
 * goes first alternates, because the second finds the page in the CPU's cache.
 */

type CodecRow = Calibration['codecs'][number]

const ROUNDS = 18
/** The first rounds warm caches and the compiler up: V8 has settled after some 10 000 stores, which is a tenth of a trial. */
const WARM_ROUNDS = 8
/** Working set of a round: the codecs' own tables and a few MiB of pages, as in a trial. */
const MAX_PAGES = 2048

/**
 * @param corpus pages to compress; at most the first 2048 are used
 * @throws LabError `codec_unavailable`
 */
export function calibrateCodec(
  name: CodecName,
  corpus: { arena: number; pages: number; source: string },
  seed: number,
): CodecRow {
  const pages = Math.min(corpus.pages, MAX_PAGES)
  // Arena: the corpus pages as frames 0..pages-1, pool frames behind them, then scratch, one frame to load into, and a bounce page.
  const poolFrames = pages
  const frames = pages + poolFrames
  const arena = new Arena(frames + 6)
  const scratchPage = frames
  const target = frames + 2
  const rawScratch = (frames + 3) * PAGE_SIZE
  native.copy(arena.id, 0, corpus.arena, 0, pages * PAGE_SIZE)
  const codec = openNativeCodec(name, undefined, arena, scratchPage)
  const rawCodec = native.codecOpen(name, CODEC_LEVELS[name].default)

  const store = new Histogram()
  const load = new Histogram()
  const rawCompress = new Histogram()
  const rawDecompress = new Histogram()
  const silent = { record: () => {} }
  const core = poolCore(pages, poolFrames)
  const clock = { now: native.now }
  const zcache = openZcache(
    core,
    {
      allocator: 'zbud',
      exclusiveGets: true,
      frames,
      slots: pages,
      poolLimit: poolFrames,
      policy: null,
      inflight: 2,
      full: 'bypass',
      budgetBytesPerDay: null,
      compaction: false,
    },
    {
      codec,
      arena: arena.bytes,
      mover: arenaMover(arena.bytes),
      bounce: (frames + 5) * PAGE_SIZE,
      generations: new Uint32Array(pages),
      clock,
      meters: { writeback: silent, writebackDecompress: silent, age: silent },
    },
  )
  const frontswap = new Frontswap(zcache, pages, clock, { store, reject: silent, load })
  const random = new Random(seed)
  const order = Int32Array.from({ length: pages }, (_, page) => page)
  const lengths = new Int32Array(pages)
  const { compress, decompress, now } = native

  try {
    for (let round = 0; round < ROUNDS; round++) {
      if (round === WARM_ROUNDS) for (const histogram of [store, load, rawCompress, rawDecompress]) histogram.clear()
      random.shuffle(order)
      for (let i = 0; i < pages; i++) {
        const page = order[i]
        const rawFirst = (i + round) % 2 === 0
        let rawNs = 0
        const raw = () => {
          const start = now()
          lengths[page] = compress(rawCodec, arena.id, page, arena.id, rawScratch, PAGE_SIZE)
          rawNs = now() - start
        }
        if (rawFirst) raw()
        const stored = frontswap.store(page, page)
        if (!rawFirst) raw()
        if (stored) rawCompress.record(rawNs)
      }
      random.shuffle(order)
      for (let i = 0; i < pages; i++) {
        const page = order[i]
        if (!frontswap.has(page)) continue
        const rawFirst = (i + round) % 2 === 0
        const zpage = zcache.peek(page)
        let rawNs = 0
        const raw = () => {
          const start = now()
          decompress(rawCodec, arena.id, zpage.offset, zpage.bytes, arena.id, target)
          rawNs = now() - start
        }
        if (rawFirst) raw()
        frontswap.load(page, target)
        if (!rawFirst) raw()
        rawDecompress.record(rawNs)
      }
    }
    const p50 = (histogram: Histogram) => percentile(histogram.toData(), 0.5) ?? Number.NaN
    const compressed = lengths.reduce((sum, bytes) => sum + (bytes || PAGE_SIZE), 0)
    return {
      codec: name,
      corpus: corpus.source,
      pages,
      ratio: (pages * PAGE_SIZE) / compressed,
      rawCompressNs: p50(rawCompress),
      rawDecompressNs: p50(rawDecompress),
      storeNs: p50(store),
      loadNs: p50(load),
      storeOverRaw: p50(store) / p50(rawCompress),
      loadOverRaw: p50(load) / p50(rawDecompress),
    }
  } finally {
    native.codecClose(rawCodec)
    codec.close()
    arena.release()
  }
}
