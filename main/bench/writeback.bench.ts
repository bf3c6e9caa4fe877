import { mkdirSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { Arena, native } from '../../native-bench/index.ts'
import { type ContentSpec, PAGE_SIZE, parseSpec, type SwapfileSpec } from '../contract/index.ts'
import { Mm } from '../mm/index.ts'
import {
  createSwapfile,
  DirectSwap,
  LogSwap,
  logBufferPages,
  logGeometry,
  SlotMap,
  type Swapfile,
  sweepLeftovers,
} from '../swapfile/index.ts'
import {
  arenaMover,
  type CompressedPool,
  openZcache,
  type Policy,
  reserveFrames,
  zpageReserveFrames,
} from '../zcache/index.ts'
import { Contents } from './contents.ts'
import { openNativeCodec, openNativeDecompressor } from './lanes/native-codec.ts'
import { diskCpu } from './measure/cpu.ts'
import { median } from './measure/median.ts'
import { Meters } from './measure/meters.ts'
import { buildCorpus, Random } from './workloads/index.ts'

/**
 * Pages a second at which 20 000 zpages go from the pool to the disk, with an fdatasync for each batch: one page at a time as the kernel does, in
 * batches to each layout, as pages and as zpages; each as a ratio to plain contiguous writes of the batch's size with an fdatasync each, measured on the
 * same file right before and after. `node main/bench/writeback.bench.ts [DIRECTORY] [ROUNDS]`
 *
 * Pages were read at random before, so the order of the zpages' ages is not the order of their slots. All take turns in one process, pinned to the
 * CPU of the disk's interrupts as calibrate is; medians of the rounds are shown. Some pages are read back and compared after each turn.
 */

const [directory = tmpdir(), rounds = '7'] = process.argv.slice(2)
const ROUNDS = Number(rounds)
const PAGES = 26_500
/** Of the engine, without the reserve. */
const FRAMES = 16_384
const SCRATCH = 3
const SLOTS = PAGES + 1024
const BATCH = 32
/** Four batches: while one is written, the next are decompressed. */
const INFLIGHT = 4 * BATCH
const LEAST_ZPAGES = 20_000
const LIMIT_PAGES = 6400
const CHECKED = 400
const SHUFFLES = 40_000
const OVERPROVISION = 0.25

interface Way {
  name: string
  io: SwapfileSpec['io']
  batch: number
  layout: SwapfileSpec['layout']
  form: 'page' | 'zpage'
  cluster: number
  /** A second thread decompresses. */
  thread: boolean
  /** Pages written in a turn, where all of them would take too long. */
  most: number
}

const way = (name: string, parts: Partial<Way> = {}): Way => ({
  name,
  io: 'uring',
  batch: BATCH,
  layout: 'slot',
  form: 'page',
  cluster: 1,
  thread: false,
  most: Number.POSITIVE_INFINITY,
  ...parts,
})

const WAYS: Way[] = [
  way('one page at a time, a sync each', { io: 'psync', batch: 1, most: 2000 }),
  way('one page at a time, a sync for 32', { io: 'psync' }),
  way('batch, layout slot'),
  way('batch, layout slot, clusters of 8', { cluster: 8 }),
  way('batch, layout log, pages', { layout: 'log' }),
  way('batch, layout log, pages, by a second thread', { layout: 'log', thread: true }),
  way('batch, layout log, zpages', { layout: 'log', form: 'zpage' }),
]

/** Everything that is old, as fast as it goes. */
const everything: Policy = { unit: 'zpage', onTick: () => PAGES }

interface Turn {
  perSecond: number
  pages: number
  bytesPerPage: number
}

class Bench {
  private readonly swapfile: Swapfile
  private readonly arena = new Arena(FRAMES + SCRATCH + reserveFrames(INFLIGHT) + logBufferPages(INFLIGHT))
  private readonly content: ContentSpec = parseSpec({
    workload: { content: { source: 'synthetic', mix: { zero: 0.11, text: 0.45, heap: 0.44, random: 0 } } },
  }).workload.content
  private readonly corpus = buildCorpus(this.content, { seed: 1, selfCorpus: null })

  constructor(swapfile: Swapfile) {
    this.swapfile = swapfile
  }

  /** Plain contiguous writes of a batch, an fdatasync behind each. */
  limit(): number {
    const { file } = this.swapfile
    const batches = LIMIT_PAGES / BATCH
    const start = native.now()
    for (let batch = 0; batch < batches; batch++) {
      native.fileWrite(file, this.arena.id, batch % (FRAMES / BATCH), BATCH, 1 + batch * BATCH)
      native.fileDatasync(file)
    }
    return (batches * BATCH * 1e9) / (native.now() - start)
  }

  turn(way: Way, seed: number): Turn {
    const { arena } = this
    const asZpages = way.form === 'zpage'
    const reserve = asZpages ? zpageReserveFrames(INFLIGHT, false) : reserveFrames(INFLIGHT)
    const frames = FRAMES + reserve
    const clock = { now: native.now }
    const meters = new Meters()
    const slots = new SlotMap(SLOTS)
    const device = new DirectSwap(this.swapfile, arena, { io: way.io, batch: way.batch, sync: 'batch' })
    const codec = openNativeCodec('lz4', undefined, arena, frames)
    const decompressor = way.thread ? openNativeDecompressor('lz4', undefined, arena) : null
    try {
      const log =
        way.layout === 'log'
          ? new LogSwap(device, {
              slots: SLOTS,
              geometry: logGeometry(SLOTS, OVERPROVISION),
              arena: arena.bytes,
              buffers: frames + SCRATCH,
              blocks: asZpages ? INFLIGHT : 0,
              move: arenaMover(arena.bytes).move,
              generations: slots.generation,
              now: native.now,
              onCleaned: () => {},
            })
          : null
      const io = log ?? device
      const contents = new Contents(PAGES, seed, arena.id, { arena: this.corpus.arena.id, pages: this.corpus.pages })
      let armed = false
      let pool: CompressedPool | null = null
      const mm = new Mm(
        { pages: PAGES, frames, reserve, readahead: 1, background: 32 },
        {
          backend: (core) => {
            pool = openZcache(
              core,
              {
                frames,
                slots: SLOTS,
                poolLimit: Math.floor(FRAMES * 0.9),
                policy: { ...everything, onTick: (view) => (armed ? (everything.onTick?.(view) ?? 0) : 0) },
                inflight: INFLIGHT,
                full: 'bypass',
                budgetBytesPerDay: null,
                cluster: way.cluster,
                compaction: false,
                allocator: 'zbud',
                exclusiveGets: true,
              },
              {
                codec,
                decompressor,
                arena: arena.bytes,
                mover: arenaMover(arena.bytes),
                bounce: (frames + 2) * PAGE_SIZE,
                generations: slots.generation,
                clock,
                meters: meters.zcache,
                zpageArea: asZpages ? log : null,
              },
            )
            return pool
          },
          io,
          slots,
          clock,
          meters: meters.mm,
          zeroMap: null,
        },
      )
      const random = new Random(seed)
      for (let vpn = 0; vpn < PAGES; vpn++) contents.fill(vpn, mm.fault(vpn))
      for (let i = 0; i < SHUFFLES; i++) {
        const vpn = random.below(PAGES)
        if (mm.pte[vpn] < 0) contents.verify(vpn, mm.fault(vpn), 'the pool')
        mm.step()
      }
      mm.drain()
      const counters = poolOf(pool).counters
      if (counters.pers_zpages < LEAST_ZPAGES) throw new Error(`only ${counters.pers_zpages} zpages are in the pool`)
      const before = counters.pers_zpages
      const writtenBefore = log?.pagesWritten ?? mm.counters.pswpout
      armed = true
      let ticks = native.now()
      const start = native.now()
      while (counters.writtenback_pages < Math.min(way.most, before)) {
        const left = counters.pers_zpages
        ticks += 1e6
        mm.tick(ticks)
        if (counters.pers_zpages === left) io.wait()
        else io.poll()
      }
      const seconds = (native.now() - start) / 1e9
      const pages = counters.writtenback_pages
      const written = (log?.pagesWritten ?? mm.counters.pswpout) - writtenBefore
      armed = false
      mm.drain()
      for (let i = 0; i < CHECKED; i++) {
        const vpn = random.below(PAGES)
        if (mm.pte[vpn] < 0) contents.verify(vpn, mm.fault(vpn), 'disk')
        mm.step()
      }
      mm.drain()
      return { perSecond: pages / seconds, pages, bytesPerPage: (written * PAGE_SIZE) / pages }
    } finally {
      decompressor?.close()
      codec.close()
      device.close()
    }
  }

  close(): void {
    this.corpus.release()
    this.arena.release()
  }
}

function poolOf(pool: CompressedPool | null): CompressedPool {
  if (!pool) throw new Error('mm has made no backend')
  return pool
}

const thousands = (value: number) => `${(value / 1000).toFixed(1)} k/s`.padStart(10)

mkdirSync(directory, { recursive: true })
const folder = realpathSync(directory)
sweepLeftovers(folder)
const swapfile = await createSwapfile({
  directory: folder,
  slots: logGeometry(SLOTS, OVERPROVISION).places,
  runId: `writeback-bench-${process.pid}`,
})
const bench = new Bench(swapfile)
try {
  const cpu = diskCpu()
  if (cpu !== null) native.pinCpu(cpu)
  const limits: number[] = []
  const turns = WAYS.map((): (Turn & { ratio: number })[] => [])
  // One round to warm up: the first ones time the compiler.
  for (let round = 0; round <= ROUNDS; round++)
    for (const [i, way] of WAYS.entries()) {
      // On both sides of each turn: the speed of a host drifts.
      const before = bench.limit()
      const turn = bench.turn(way, round + 1)
      const limit = (before + bench.limit()) / 2
      if (round === 0) continue
      limits.push(limit)
      turns[i].push({ ...turn, ratio: turn.perSecond / limit })
    }
  const out = (line: string) => process.stdout.write(`${line}\n`)
  out(
    `${ROUNDS} rounds, ${Math.round(median(turns[2].map((turn) => turn.pages)))} zpages a turn, pinned to CPU ${cpu ?? '-'}`,
  )
  out(`${'contiguous writes of 32 pages, fdatasync each'.padEnd(46)} ${thousands(median(limits))}   1.00`)
  for (const [i, { name }] of WAYS.entries()) {
    const ratios = turns[i].map((turn) => turn.ratio)
    out(
      `${name.padEnd(46)} ${thousands(median(turns[i].map((turn) => turn.perSecond)))}   ${median(ratios).toFixed(2)}  (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})` +
        `  ${Math.round(median(turns[i].map((turn) => turn.bytesPerPage)))} bytes written a page`,
    )
  }
} finally {
  bench.close()
  swapfile.close()
}
