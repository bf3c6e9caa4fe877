import { setImmediate } from 'node:timers/promises'
import { Arena, native } from '../../../native-bench/index.ts'
import { PAGE_SIZE } from '../../contract/index.ts'
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
import { corpusPageOf } from '../workloads/index.ts'
import { checkCancelled, type Site, type WritebackRound } from './kernel-side.ts'

const BATCH = 32
/** Writes under way: four batches, so that the next ones are decompressed meanwhile. */
const INFLIGHT = 4 * BATCH

/**
 * The engine's zswap, filled, then told to write everything back, as in a trial: as pages, each to its slot, or as zpages, still compressed, on a log.
 * With a flush for each batch, as an experiment runs it, or one at the end, as the kernel's drain has.
 */
export async function engineWriteback(
  site: Site,
  flush: 'each batch' | 'once at the end',
  form: 'page' | 'zpage' = 'page',
): Promise<WritebackRound> {
  checkCancelled(site.signal)
  await setImmediate()
  const asZpages = form === 'zpage'
  const engine = await openEngine(site, flush === 'each batch' ? 'batch' : 'none', asZpages)
  const { mm, pool, swap, device } = engine
  try {
    engine.fill()
    const wanted = pool.counters.pers_zpages
    const start = native.now()
    // Whole batches: a partial one would come back alone, and be followed by one no larger.
    engine.giveUp(BATCH)
    while (pool.counters.writtenback_pages < wanted) {
      const started = device.inflight + BATCH <= INFLIGHT ? pool.shrink(32) : 0
      if (started === 0 && swap.wait() === 0) break
      swap.poll()
    }
    engine.giveUp(0)
    mm.drain()
    if (flush === 'once at the end') engine.sync()
    const seconds = (native.now() - start) / 1e9
    const pages = pool.counters.writtenback_pages
    return {
      who: 'engine',
      how: `zswap, ${asZpages ? 'zpages on a log' : 'pages'}, batches of ${BATCH} by ${device.facts.io}${device.facts.direct ? '' : ', buffered'}`,
      flush,
      pages,
      seconds,
      pagesPerS: pages / seconds,
    }
  } finally {
    engine.close()
  }
}

/** mm, pool, policy, codec and DirectSwap on io_uring. `giveUp`: zpages that the policy gives up at each call from then on. */
async function openEngine({ swapDir, corpus, seed, signal, sizes }: Site, sync: 'batch' | 'none', asZpages: boolean) {
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
  const device = new DirectSwap(swapfile, arena, { sync, batch: BATCH, io: 'uring' })
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
  const meters = new Meters()
  const clock = { now: native.now }
  let victims = 0
  const policy: Policy = { unit: 'zpage', onReclaim: () => victims }
  const pools: CompressedPool[] = []
  const mm = new Mm(
    { pages: vpns, frames, reserve, readahead: 1, background: 32 },
    {
      backend: (core) => {
        const limits = { frames, slots: slots.slots, poolLimit: frames, inflight: INFLIGHT, budgetBytesPerDay: null }
        const ways = { allocator: 'zsmalloc', incompressible: 'raw', full: 'bypass', compaction: false } as const
        const pool = openZswap(
          core,
          { ...limits, ...ways, policy },
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
        pools.push(pool)
        return pool
      },
      io: swap,
      slots,
      clock,
      meters: meters.mm,
    },
  )
  const [pool] = pools
  return {
    mm,
    pool,
    swap,
    device,
    fill() {
      for (let vpn = 0; vpn < vpns && pool.counters.pers_zpages < sizes.writebackPages; vpn++) {
        const frame = mm.fault(vpn)
        native.pageFill(arena.id, frame, corpus.arena.id, corpusPageOf(vpn, seed, corpus.pages), vpn, 1)
        mm.step()
      }
    },
    giveUp(zpages: number) {
      victims = zpages
    },
    sync: () => native.fileDatasync(swapfile.file),
    close() {
      device.close()
      swapfile.close()
      codec.close()
      arena.release()
    },
  }
}
