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
 * goes first alternates, because the second finds the page in the CPU's cache. The raw call compresses to one and the same place, which stays in
 * the cache; beside it, in turns of their own, the same call to where zpages lie.
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
  const rawInPlace = new Histogram()
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
  /** Row = page: whether its last store was taken, and the byte offset of its zpage. */
  const taken = new Uint8Array(pages)
  const places = new Float64Array(pages)
  const { compress, decompress, now } = native
  const rawNs = (page: number, to: number) => {
    const start = now()
    lengths[page] = compress(rawCodec, arena.id, page, arena.id, to, PAGE_SIZE)
    return now() - start
  }

  try {
    for (let round = 0; round < ROUNDS; round++) {
      if (round === WARM_ROUNDS) for (const histogram of [store, load, rawCompress, rawDecompress]) histogram.clear()
      random.shuffle(order)
      for (let i = 0; i < pages; i++) {
        const page = order[i]
        const rawFirst = (i + round) % 2 === 0
        let ns = 0
        if (rawFirst) ns = rawNs(page, rawScratch)
        taken[page] = frontswap.store(page, page) ? 1 : 0
        if (!rawFirst) ns = rawNs(page, rawScratch)
        if (taken[page] === 1) rawCompress.record(ns)
      }
      random.shuffle(order)
      for (let i = 0; i < pages; i++) {
        const page = order[i]
        if (!frontswap.has(page)) continue
        const rawFirst = (i + round) % 2 === 0
        const zpage = zcache.peek(page)
        places[page] = zpage.offset
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
    // The pool is empty now: its frames may be written to. The engine's codec stands for its stores: the two have working memory of their own.
    for (let round = WARM_ROUNDS; round < ROUNDS; round++) {
      random.shuffle(order)
      for (let i = 0; i < pages; i++) {
        const page = order[i]
        if (taken[page] === 0) continue
        const rawFirst = (i + round) % 2 === 0
        if (!rawFirst) codec.compress(page, codec.scratch, PAGE_SIZE)
        rawInPlace.record(rawNs(page, places[page]))
        if (rawFirst) codec.compress(page, codec.scratch, PAGE_SIZE)
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
      rawInPlaceNs: p50(rawInPlace),
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
