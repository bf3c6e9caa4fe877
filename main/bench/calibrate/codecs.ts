import { Arena, native } from '../../../native-bench/index.ts'
import { type Calibration, CODEC_LEVELS, type CodecName, PAGE_SIZE } from '../../contract/index.ts'
import { median } from '../measure/median.ts'
import { Random } from '../workloads/index.ts'
import { ArenaPlan, type CalibratedLane, openCalibratedPools } from './pools.ts'

/**
 * The engine's store and load beside the raw codec call: same pages, same process, in turns, and never both on one page after the other: the second
 * would find the page in the CPU's cache and, which counts for more, its branches foreseen: lz4 takes little more than half its time for a page it has just
 * compressed. So the raw call is half a round away. It compresses to one and the same place, which stays in the cache; beside it, in turns
 * of their own, the same call to a place of the page's own.
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
        side.storeAll()
        side.loadAll()
      }
    for (let round = WARM_ROUNDS; round < ROUNDS; round++) for (const side of sides) side.compressInPlace()
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
  /** ns of each call. Kept as they are: a histogram knows a figure to 0.8 %, and these are told apart by a few. */
  private readonly ns = {
    compress: [] as number[],
    inPlace: [] as number[],
    decompress: [] as number[],
    store: [] as number[],
    load: [] as number[],
  }
  /** Row = page: compressed bytes, 0 where it does not compress. */
  private readonly lengths: Int32Array
  /** Row = page: 1 where the pool took it when it was last offered. */
  private readonly taken: Uint8Array
  /** Row = page: 1 where it is a zpage in the pool, and not refused, same-filled or kept as it is. */
  private readonly zpages: Uint8Array

  constructor(name: CodecName, pool: CalibratedLane, arena: Arena, plan: ArenaPlan, seed: number) {
    this.pool = pool
    this.arena = arena
    this.plan = plan
    this.rawCodec = native.codecOpen(name, CODEC_LEVELS[name].default)
    this.random = new Random(seed)
    this.order = Int32Array.from({ length: plan.pages }, (_, page) => page)
    this.lengths = new Int32Array(plan.pages)
    this.taken = new Uint8Array(plan.pages)
    this.zpages = new Uint8Array(plan.pages)
    for (const page of this.order) this.compress(page, this.place(page), PAGE_SIZE)
  }

  /** Forgets the warm-up. */
  clear(): void {
    for (const calls of Object.values(this.ns)) calls.length = 0
  }

  storeAll(): void {
    const { frontswap, store } = this.pool
    const { ns, order, taken } = this
    this.random.shuffle(order)
    for (let i = 0; i < order.length; i++) {
      const page = order[i]
      const other = order[this.apart(i)]
      const alone = this.compressToScratch(other)
      // What the pool refuses is left out on both sides.
      if (taken[other] === 1) ns.compress.push(alone)
      const before = store.sum
      taken[page] = frontswap.store(page, page) ? 1 : 0
      if (taken[page] === 1) ns.store.push(store.sum - before)
    }
  }

  loadAll(): void {
    const { frontswap, load, peek } = this.pool
    const { ns, order, zpages } = this
    const { target } = this.plan
    this.random.shuffle(order)
    for (const page of order) {
      const zpage = frontswap.has(page) ? peek(page) : null
      zpages[page] = zpage !== null && zpage.bytes < PAGE_SIZE ? 1 : 0
    }
    for (let i = 0; i < order.length; i++) {
      const page = order[i]
      const other = order[this.apart(i)]
      if (zpages[other] === 1) ns.decompress.push(this.decompress(other))
      if (!frontswap.has(page)) continue
      const before = load.sum
      frontswap.load(page, target)
      ns.load.push(load.sum - before)
    }
  }

  /** To where zpages of its own lie. A call to elsewhere stands for the store between two of them. */
  compressInPlace(): void {
    const { ns, order, zpages } = this
    this.random.shuffle(order)
    for (let i = 0; i < order.length; i++) {
      this.compressToScratch(order[this.apart(i)])
      const page = order[i]
      if (zpages[page] === 1) ns.inPlace.push(this.compress(page, this.place(page), PAGE_SIZE))
    }
  }

  /** Half a round away. */
  private apart(i: number): number {
    const { length } = this.order
    return (i + (length >> 1)) % length
  }

  row(codec: CodecName, corpus: string): CodecRow {
    const { lengths, ns, plan, pool } = this
    const rawCompressNs = median(ns.compress)
    const rawInPlaceNs = median(ns.inPlace)
    const rawDecompressNs = median(ns.decompress)
    const storeNs = median(ns.store)
    const loadNs = median(ns.load)
    const compressed = lengths.reduce((sum, bytes) => sum + (bytes || PAGE_SIZE), 0)
    return {
      codec,
      pool: pool.name,
      corpus,
      pages: plan.pages,
      ratio: (plan.pages * PAGE_SIZE) / compressed,
      rawCompressNs,
      rawInPlaceNs,
      rawDecompressNs,
      storeNs,
      loadNs,
      storeOverRaw: storeNs / rawCompressNs,
      loadOverRaw: loadNs / rawDecompressNs,
    }
  }

  /** @throws LabError `invariant` where the pool's books are wrong */
  close(): void {
    native.codecClose(this.rawCodec)
    this.pool.close()
  }

  /** With room for whatever a codec makes of a page. ns */
  private compressToScratch(page: number): number {
    return this.compress(page, this.plan.rawScratch * PAGE_SIZE, 2 * PAGE_SIZE)
  }

  /** ns */
  private compress(page: number, to: number, capacity: number): number {
    const { arena, lengths, rawCodec } = this
    const start = native.now()
    const bytes = native.compress(rawCodec, arena.id, page, arena.id, to, capacity)
    const ns = native.now() - start
    lengths[page] = bytes
    return ns
  }

  /** Its own zpage of a page. ns */
  private decompress(page: number): number {
    const { arena, lengths, plan, rawCodec } = this
    const from = this.place(page)
    const start = native.now()
    native.decompress(rawCodec, arena.id, from, lengths[page], arena.id, plan.target)
    return native.now() - start
  }

  /** Byte offset of its own zpage of a page. */
  private place(page: number): number {
    return (this.plan.firstRawZpage + page) * PAGE_SIZE
  }
}
