import { Arena, native } from '../../../native-bench/index.ts'
import { type Calibration, CODEC_LEVELS, type CodecName, PAGE_SIZE } from '../../contract/index.ts'
import { Histogram, percentile } from '../measure/histogram.ts'
import { Random } from '../workloads/index.ts'
import { ArenaPlan, type CalibratedLane, openCalibratedPools } from './pools.ts'

/**
 * The engine's store and load beside the raw codec call: same pages, same process, page by page in turns. Which of the two
 * goes first alternates, because the second finds the page in the CPU's cache. The raw call compresses to one and the same place, which stays in
 * the cache; beside it, in turns of their own, the same call to where zpages lie.
 *
 * The pools take their rounds in turns too, so that none is measured while the compiler knows of no other.
 */

type CodecRow = Calibration['codecs'][number]

const ROUNDS = 18
/** The first rounds warm caches and the compiler up: V8 has settled after some 10 000 stores, which is a tenth of a trial. */
const WARM_ROUNDS = 8
/** Working set of a round: the codecs' own tables and a few MiB of pages, as in a trial. */
const MAX_PAGES = 2048

/**
 * @param corpus pages to compress; at most the first 2048 are used
 * @returns a row for each pool
 * @throws LabError `codec_unavailable`
 */
export function calibrateCodec(
  name: CodecName,
  corpus: { arena: number; pages: number; source: string },
  seed: number,
): CodecRow[] {
  const pages = Math.min(corpus.pages, MAX_PAGES)
  const plan = new ArenaPlan(pages)
  const arena = new Arena(plan.total)
  native.copy(arena.id, 0, corpus.arena, 0, pages * PAGE_SIZE)
  const sides: BesideRaw[] = []
  try {
    for (const pool of openCalibratedPools(name, arena, plan)) sides.push(new BesideRaw(name, pool, arena, plan, seed))
    for (let round = 0; round < ROUNDS; round++)
      for (const side of sides) {
        if (round === WARM_ROUNDS) side.clear()
        side.storeAll(round)
        side.loadAll(round)
      }
    for (let round = WARM_ROUNDS; round < ROUNDS; round++) for (const side of sides) side.compressInPlace(round)
    return sides.map((side) => side.row(name, corpus.source))
  } finally {
    for (const side of sides) side.close()
    arena.release()
  }
}

/** One pool and the raw codec, on the same pages. */
class BesideRaw {
  private readonly pool: CalibratedLane
  private readonly arena: Arena
  private readonly plan: ArenaPlan
  private readonly rawCodec: number
  private readonly random: Random
  private readonly order: Int32Array
  private readonly rawCompress = new Histogram()
  private readonly rawDecompress = new Histogram()
  private readonly rawInPlace = new Histogram()
  /** Row = page: compressed bytes, 0 where it does not compress. */
  private readonly lengths: Int32Array
  /** Row = page: byte offset of its last zpage; 0 where its store was refused, or needed no zpage. */
  private readonly places: Float64Array

  constructor(name: CodecName, pool: CalibratedLane, arena: Arena, plan: ArenaPlan, seed: number) {
    this.pool = pool
    this.arena = arena
    this.plan = plan
    this.rawCodec = native.codecOpen(name, CODEC_LEVELS[name].default)
    this.random = new Random(seed)
    this.order = Int32Array.from({ length: plan.pages }, (_, page) => page)
    this.lengths = new Int32Array(plan.pages)
    this.places = new Float64Array(plan.pages)
  }

  /** Forgets the warm-up. */
  clear(): void {
    for (const histogram of [this.pool.store, this.pool.load, this.rawCompress, this.rawDecompress]) histogram.clear()
  }

  storeAll(round: number): void {
    const { frontswap } = this.pool
    const { order, places, rawCompress } = this
    const scratch = this.plan.rawScratch * PAGE_SIZE
    this.random.shuffle(order)
    for (let i = 0; i < order.length; i++) {
      const page = order[i]
      const rawFirst = (i + round) % 2 === 0
      let ns = rawFirst ? this.compress(page, scratch) : 0
      const stored = frontswap.store(page, page)
      if (!rawFirst) ns = this.compress(page, scratch)
      places[page] = 0
      if (stored) rawCompress.record(ns)
    }
  }

  loadAll(round: number): void {
    const { frontswap, peek } = this.pool
    const { order, places, rawDecompress } = this
    const { target } = this.plan
    this.random.shuffle(order)
    for (let i = 0; i < order.length; i++) {
      const page = order[i]
      if (!frontswap.has(page)) continue
      const rawFirst = (i + round) % 2 === 0
      const zpage = peek(page)
      const raw = zpage !== null && zpage.bytes < PAGE_SIZE
      if (raw) places[page] = zpage.offset
      let ns = 0
      if (raw && rawFirst) ns = this.decompress(zpage.offset, zpage.bytes)
      frontswap.load(page, target)
      if (raw && !rawFirst) ns = this.decompress(zpage.offset, zpage.bytes)
      if (raw) rawDecompress.record(ns)
    }
  }

  /** To where the zpages lay: the pool is empty, and its frames may be written to. A call to elsewhere stands for its store. */
  compressInPlace(round: number): void {
    const { order, places, rawInPlace } = this
    const scratch = this.plan.rawScratch * PAGE_SIZE
    this.random.shuffle(order)
    for (let i = 0; i < order.length; i++) {
      const page = order[i]
      if (places[page] === 0) continue
      const rawFirst = (i + round) % 2 === 0
      if (!rawFirst) this.compress(page, scratch)
      rawInPlace.record(this.compress(page, places[page]))
      if (rawFirst) this.compress(page, scratch)
    }
  }

  row(codec: CodecName, corpus: string): CodecRow {
    const { lengths, plan, pool } = this
    const p50 = (histogram: Histogram) => percentile(histogram.toData(), 0.5) ?? Number.NaN
    const compressed = lengths.reduce((sum, bytes) => sum + (bytes || PAGE_SIZE), 0)
    return {
      codec,
      pool: pool.name,
      corpus,
      pages: plan.pages,
      ratio: (plan.pages * PAGE_SIZE) / compressed,
      rawCompressNs: p50(this.rawCompress),
      rawInPlaceNs: p50(this.rawInPlace),
      rawDecompressNs: p50(this.rawDecompress),
      storeNs: p50(pool.store),
      loadNs: p50(pool.load),
      storeOverRaw: p50(pool.store) / p50(this.rawCompress),
      loadOverRaw: p50(pool.load) / p50(this.rawDecompress),
    }
  }

  /** @throws LabError `invariant` where the pool's books are wrong */
  close(): void {
    native.codecClose(this.rawCodec)
    this.pool.close()
  }

  /** ns */
  private compress(page: number, to: number): number {
    const { arena, lengths, rawCodec } = this
    const start = native.now()
    const bytes = native.compress(rawCodec, arena.id, page, arena.id, to, PAGE_SIZE)
    const ns = native.now() - start
    lengths[page] = bytes
    return ns
  }

  /** ns */
  private decompress(offset: number, bytes: number): number {
    const { arena, plan, rawCodec } = this
    const start = native.now()
    native.decompress(rawCodec, arena.id, offset, bytes, arena.id, plan.target)
    return native.now() - start
  }
}
