import { setImmediate } from 'node:timers/promises'
import { Arena, native } from '../../../native-bench/index.ts'
import { LabError, PAGE_SIZE, type WritebackRate } from '../../contract/index.ts'
import { Mm } from '../../mm/index.ts'
import { createSwapfile, DirectSwap, LogSwap, logBufferPages, logGeometry, SlotMap } from '../../swapfile/index.ts'
import {
  arenaMover,
  type CompressedPool,
  openZswap,
  type Policy,
  reserveFrames,
  zpageReserveFrames,
} from '../../zcache/index.ts'
import { openNativeCodec } from '../lanes/native-codec.ts'
import { Meters } from '../measure/meters.ts'
import { corpusPageOf, Random } from '../workloads/index.ts'
import { checkCancelled, type Site, type Sizes, withZswap } from './kernel-side.ts'

/**
 * The way of zpages to disk, on the same file system.
 *
 * The kernel's own writeback starts when it likes, and differs from run to run. What repeats is a pool whose limit falls to nothing
 * while single pages keep asking for room: it then drains whole. The kernel writes back without any flush, so the engine is
 * measured with a flush for each batch, as an experiment runs it, and with one at the end, as the drain is.
 */

/** Pages that ask a closed pool for room, and how long the kernel's worker is left alone after each, µs. Back to back they coalesce and do nothing. */
const NUDGE_PAGES = 8192
const NUDGE_PAUSE_US = 200
const DRAIN_LIMIT_MS = 20_000
/** The kernel's default is 20; every zpage has to fit before the pool is closed. */
export const DRAINED_POOL_PERCENT = 50
/** The smallest that zswap takes but for none. */
export const OWN_ACCORD_POOL_PERCENT = 1
/** 512 MiB. */
const OWN_ACCORD_MAX_POOL = 131_072
const RANDOM_PAGES = 64
const BATCH = 32
/** Writes under way: four batches, so that the next ones are decompressed meanwhile. */
const INFLIGHT = 4 * BATCH

/** One round of one way. */
type Way = Omit<WritebackRate, 'rounds'>

/** Slots of the kernel's swap file. */
export function writebackSlots({ writebackPages }: Sizes): number {
  return writebackPages + 2 * NUDGE_PAGES
}

/** The median round of each way. @throws LabError of createSwapfile, codec_unavailable, unavailable, cancelled */
export async function compareWriteback(site: Site): Promise<WritebackRate[]> {
  const rounds: Way[][] = []
  for (let round = 0; round < site.sizes.writebackRounds; round++) {
    rounds.push([
      await engineWriteback(site, 'each batch'),
      await engineWriteback(site, 'once at the end'),
      await engineWriteback(site, 'each batch', 'zpage'),
      ...(await kernelDrain(site)),
      ...(await kernelOwnAccord(site)),
    ])
  }
  return rounds[0].map((_, way) => {
    const own = rounds.map((round) => round[way])
    const sorted = [...own].sort((a, b) => a.pagesPerS - b.pagesPerS)
    return { ...sorted[sorted.length >> 1], rounds: own.map(({ pagesPerS }) => pagesPerS) }
  })
}

/**
 * The kernel's own writeback, as it comes: the smallest pool it takes is filled with pages that do not compress, and more of them keep
 * going out and coming back. Nothing where that would take more memory than a host may be asked for.
 */
async function kernelOwnAccord(site: Site): Promise<Way[]> {
  const { seed, signal, sizes, tree } = site
  checkCancelled(signal)
  const poolPages = Math.floor((((tree.meminfo('MemTotal') ?? 0) * 1024) / PAGE_SIZE) * (OWN_ACCORD_POOL_PERCENT / 100))
  if (sizes.ownAccordMs === 0 || poolPages === 0 || poolPages > OWN_ACCORD_MAX_POOL) return []
  const pages = poolPages + NUDGE_PAGES
  const setup = {
    corpusPages: Uint32Array.from({ length: pages }, (_, vpn) => corpusPageOf(vpn, seed, RANDOM_PAGES)),
    zeroPages: 1,
    slots: pages + NUDGE_PAGES,
    poolPercent: OWN_ACCORD_POOL_PERCENT,
  }
  return withZswap({ ...site, contents: randomPages(seed) }, setup, async (measuring) => {
    await measuring.ask({ kind: 'store', vpns: Uint32Array.from({ length: poolPages }, (_, vpn) => vpn) })
    const { progress } = await measuring.ask({
      kind: 'nudge',
      from: poolPages,
      pages: NUDGE_PAGES,
      pauseUs: 0,
      writtenBack: Number.MAX_SAFE_INTEGER,
      limitMs: sizes.ownAccordMs,
    })
    const written = progress.at(-1) ?? 0
    const seconds = sizes.ownAccordMs / 1000
    return [
      {
        who: 'kernel' as const,
        how: 'zswap of its own accord: a full pool of 1 %, page-outs without a pause',
        flush: 'none' as const,
        pages: written,
        seconds,
        pagesPerS: written / seconds,
      },
    ]
  })
}

function randomPages(seed: number): Uint8Array {
  const random = new Random(seed)
  const words = Uint32Array.from({ length: (RANDOM_PAGES * PAGE_SIZE) / 4 }, () => random.below(2 ** 32))
  return new Uint8Array(words.buffer)
}

async function kernelDrain(site: Site): Promise<Way[]> {
  const { seed, corpus, helper, signal, sizes } = site
  const wanted = sizes.writebackPages
  checkCancelled(signal)
  const corpusPages = Uint32Array.from({ length: wanted + NUDGE_PAGES }, (_, vpn) =>
    corpusPageOf(vpn, seed, corpus.pages),
  )
  const setup = { corpusPages, zeroPages: 1, slots: writebackSlots(sizes), poolPercent: DRAINED_POOL_PERCENT }
  return withZswap(site, setup, async (measuring) => {
    await measuring.ask({ kind: 'store', vpns: Uint32Array.from({ length: wanted }, (_, vpn) => vpn) })
    await helper.closePool()
    const { progress } = await measuring.ask({
      kind: 'nudge',
      from: wanted,
      pages: NUDGE_PAGES,
      pauseUs: NUDGE_PAUSE_US,
      // Pages the pool took raw or not at all are a few less; the last percent comes in a trickle.
      writtenBack: Math.floor(wanted * 0.99),
      limitMs: DRAIN_LIMIT_MS,
    })
    const flushNs = await helper.flush()
    const [from, to] = [0, progress.length - 2].map((row) => ({ ns: progress[row], pages: progress[row + 1] }))
    // The worker works through the pool once without writing anything: its time is not the disk's.
    const start = progress.length > 4 ? progress[2] : from.ns
    const pages = to.pages - (progress.length > 4 ? progress[3] : from.pages)
    if (pages < wanted / 2)
      throw new LabError({
        code: 'unavailable',
        message: `This kernel's zswap wrote back ${to.pages} of ${wanted} pages in ${DRAIN_LIMIT_MS / 1000} s.`,
        remedy: 'Its writeback cannot be compared with here; leave the comparison with the kernel out.',
      })
    const rate = (ns: number, flush: WritebackRate['flush']): Way => ({
      who: 'kernel',
      how: 'zswap drained by force: its limit set to 0 %',
      flush,
      pages,
      seconds: ns / 1e9,
      pagesPerS: (pages / ns) * 1e9,
    })
    return [rate(to.ns - start, 'none'), rate(to.ns - start + flushNs, 'once at the end')]
  })
}

/**
 * The engine's zswap, filled, then told to write everything back: policy, swap cache, codec, DirectSwap on io_uring, as in a trial. As pages, each to its
 * slot, or as zpages, still compressed, on a log.
 */
async function engineWriteback(
  { swapDir, corpus, seed, signal, sizes }: Site,
  flush: 'each batch' | 'once at the end',
  form: 'page' | 'zpage' = 'page',
): Promise<Way> {
  checkCancelled(signal)
  await setImmediate()
  const asZpages = form === 'zpage'
  const reserve = asZpages ? zpageReserveFrames(INFLIGHT, true) : reserveFrames(INFLIGHT)
  // Room for every zpage even where nothing compresses, and some pages that stay.
  const frames = sizes.writebackPages + reserve + 2048
  const vpns = sizes.writebackPages + frames
  const slots = new SlotMap(vpns)
  const geometry = logGeometry(vpns, 0.25)
  const arena = new Arena(frames + 6 + logBufferPages(INFLIGHT))
  const codec = openNativeCodec('lzo', undefined, arena, frames)
  const swapfile = await createSwapfile({
    directory: swapDir,
    slots: asZpages ? geometry.places : vpns,
    runId: `beside-kernel-${process.pid}`,
    signal,
  })
  const device = new DirectSwap(swapfile, arena, {
    sync: flush === 'each batch' ? 'batch' : 'none',
    batch: BATCH,
    io: 'uring',
  })
  const log = asZpages
    ? new LogSwap(device, {
        slots: vpns,
        geometry,
        arena: arena.bytes,
        buffers: frames + 6,
        blocks: INFLIGHT,
        move: arenaMover(arena.bytes).move,
        generations: slots.generation,
        now: native.now,
        onCleaned: () => {},
      })
    : null
  const swap = log ?? device
  let victims = 0
  const everything: Policy = { unit: 'zpage', onReclaim: () => victims }
  const meters = new Meters()
  const made: { pool?: CompressedPool } = {}
  try {
    const clock = { now: native.now }
    const mm = new Mm(
      { pages: vpns, frames, reserve, readahead: 1, background: 32 },
      {
        backend: (core) => {
          const pool = openZswap(
            core,
            {
              allocator: 'zsmalloc',
              incompressible: 'raw',
              frames,
              slots: slots.slots,
              poolLimit: frames,
              policy: everything,
              inflight: INFLIGHT,
              full: 'bypass',
              budgetBytesPerDay: null,
              compaction: false,
            },
            {
              codec,
              arena: arena.bytes,
              mover: arenaMover(arena.bytes),
              bounce: (frames + 5) * PAGE_SIZE,
              generations: slots.generation,
              clock,
              meters: meters.zcache,
              zpageArea: log,
            },
          )
          made.pool = pool
          return pool
        },
        io: swap,
        slots,
        clock,
        meters: meters.mm,
      },
    )
    const counters = () => made.pool?.counters ?? { pers_zpages: 0, writtenback_pages: 0 }
    for (let vpn = 0; vpn < vpns && counters().pers_zpages < sizes.writebackPages; vpn++) {
      const frame = mm.fault(vpn)
      native.pageFill(arena.id, frame, corpus.arena.id, corpusPageOf(vpn, seed, corpus.pages), vpn, 1)
      mm.step()
    }
    const wanted = counters().pers_zpages
    const start = native.now()
    // Whole batches: a partial one would come back alone, and be followed by one no larger.
    for (victims = BATCH; counters().writtenback_pages < wanted; ) {
      const started = device.inflight + BATCH <= INFLIGHT ? (made.pool?.shrink(32) ?? 0) : 0
      if (started === 0 && swap.wait() === 0) break
      swap.poll()
    }
    victims = 0
    mm.drain()
    if (flush === 'once at the end') native.fileDatasync(swapfile.file)
    const seconds = (native.now() - start) / 1e9
    const pages = counters().writtenback_pages
    return {
      who: 'engine',
      how: `zswap, ${asZpages ? 'zpages on a log' : 'pages'}, batches of ${BATCH} by ${device.facts.io}${device.facts.direct ? '' : ', buffered'}`,
      flush,
      pages,
      seconds,
      pagesPerS: pages / seconds,
    }
  } finally {
    device.close()
    swapfile.close()
    codec.close()
    arena.release()
  }
}
