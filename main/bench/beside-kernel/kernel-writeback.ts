import { LabError, PAGE_SIZE } from '../../contract/index.ts'
import { corpusPageOf, Random } from '../workloads/index.ts'
import { checkCancelled, type Site, type Sizes, type WritebackRound, withZswap } from './kernel-side.ts'

/**
 * This kernel's own writeback of zpages.
 *
 * It starts when it likes, and differs from run to run. What repeats is a pool whose limit falls to nothing while single pages keep
 * asking for room: it then drains whole, without any flush.
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

/** Slots of the kernel's swap file. */
export function writebackSlots({ writebackPages }: Sizes): number {
  return writebackPages + 2 * NUDGE_PAGES
}

/**
 * The kernel's own writeback, as it comes: the smallest pool it takes is filled with pages that do not compress, and more of them keep
 * going out and coming back. Nothing where that would take more memory than a host may be asked for.
 */
export async function kernelOwnAccord(site: Site): Promise<WritebackRound[]> {
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

export async function kernelDrain(site: Site): Promise<WritebackRound[]> {
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
    const rate = (ns: number, flush: WritebackRound['flush']): WritebackRound => ({
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
