import { PAGE_SIZE } from '../contract/index.ts'
import type { CoreMm } from '../mm/index.ts'
import { ALLOCATORS, type AllocatorEntry } from './allocators/index.ts'
import { CompressedPool } from './compressed-pool.ts'
import type { Policy } from './policies/index.ts'
import { type PoolOptions, type PoolParts, poolMetadataBytes } from './pool-shape.ts'
import { SlotIndex } from './slot-index.ts'

/**
 * zswap as it was in 2013, twice: as it was merged (Linux 3.11), and as its fourth version was posted in January of that year, whose "flush" zcache's
 * writeback was ported from. In both a load leaves the entry where it is. max_pool_percent is the pool's limit in both.
 *
 * The kernel lets stores of several CPUs flush at once and gives each of up to 16 a buffer to park its compressed bytes in; here one thread
 * stores, so one buffer is all there ever is to take (reject_tmppage_fail stays 0).
 */

export type Zswap2013Form = '3.11' | 'v4'

/** A store at the limit tries so many frames (zbud_reclaim_page(pool, 8), Linux 3.11). */
const RECLAIM_TRIES = 8
/** Entries one store flushes (v4). */
const FLUSH_BATCH = 16
/** No flush starts or goes on above so many pages under way (v4, where it is called arbitrary). */
const MAX_OUTSTANDING_FLUSHES = 64
/** Pages v4 keeps aside: its zswap_page_pool. */
const RESERVE_PAGES = 256
/** Larger zpages were refused by v4: max_compression_ratio 80 %, of a page in whole per cent, so that 80.99 % are still taken. */
const V4_MAX_ZPAGE_BYTES = Math.ceil((81 * PAGE_SIZE) / 100) - 1
/** Frames of a zspage in 2013: ZS_MAX_PAGES_PER_ZSPAGE. */
const CHAIN_2013 = 4
/** Before each zpage in zbud, its swap entry: an evicted frame had to name its owners. */
const ZSWAP_HEADER_BYTES = 8

/** Its zbud, each zpage behind a header; or the zsmalloc of the time: chains of 4, and nothing that compacts. */
function allocatorOf(form: Zswap2013Form): AllocatorEntry {
  const { zsmalloc, 'zbud-zswap': zbud } = ALLOCATORS
  if (form === '3.11' || zsmalloc.gives !== 'compaction')
    return {
      ...zbud,
      maxZpageBytes: zbud.maxZpageBytes - ZSWAP_HEADER_BYTES,
      create: (options) => zbud.create({ ...options, header: ZSWAP_HEADER_BYTES }),
    }
  return { ...zsmalloc, create: (options) => zsmalloc.create({ ...options, chain: CHAIN_2013 }) }
}

/** Pages that may be under way: as many as v4 allows; 3.11 knew no limit, so as many as its reserve has frames for. */
const ZSWAP_2013_INFLIGHT: Record<Zswap2013Form, number> = { '3.11': 64, v4: MAX_OUTSTANDING_FLUSHES + 1 }

/** Frames kept aside: v4's own pool; 3.11 took frames wherever it found any, which a store at the limit of a full RAM cannot count on. */
export const ZSWAP_2013_RESERVE: Record<Zswap2013Form, number> = {
  '3.11': 2 * ZSWAP_2013_INFLIGHT['3.11'],
  v4: RESERVE_PAGES,
}

/** Bytes of bookkeeping: charged to the lane's RAM. */
export function zswap2013MetadataBytes(form: Zswap2013Form, slots: number, poolLimit: number): number {
  return SlotIndex.bytes(slots) + poolMetadataBytes(allocatorOf(form), slots, poolLimit)
}

/** By the names of the debugfs of each form. */
export interface Zswap2013Counters {
  /** Stores that met the limit. */
  pool_limit_hit: number
  /** 3.11: of those, the ones for which no frame could be reclaimed. */
  reject_reclaim_fail: number
  /** v4: of those, the ones that found room after a flush; that did not; for which no flush could be started. */
  saved_by_flush: number
  reject_flush_attempted: number
  reject_flush_fail: number
}

type Rule = Policy & { counters(): Zswap2013Counters }

/** What decides: the oldest frame at each store at the limit, or a flush of 16 once a store finds no room. */
export function zswap2013Rule(form: Zswap2013Form): Rule {
  let hits = 0
  let reclaimFailed = 0
  let saved = 0
  let attempted = 0
  let notStarted = 0
  /** What the store that met the limit last is waiting for: nothing, a frame, or room after a flush of so many. */
  let waiting: 'no' | 'frame' | 'flush' | 'no flush' = 'no'
  /** The store did not get what it waited for. */
  const refused = () => {
    if (waiting === 'frame') reclaimFailed++
    else if (waiting === 'flush') attempted++
    else if (waiting === 'no flush') notStarted++
    waiting = 'no'
  }
  const counters = (): Zswap2013Counters => {
    refused()
    return {
      pool_limit_hit: hits,
      reject_reclaim_fail: reclaimFailed,
      saved_by_flush: saved,
      reject_flush_attempted: attempted,
      reject_flush_fail: notStarted,
    }
  }
  if (form === '3.11')
    return {
      unit: 'frame',
      counters,
      onLimit() {
        refused()
        hits++
        waiting = 'frame'
        return RECLAIM_TRIES
      },
      admit() {
        waiting = 'no'
        return true
      },
    }
  return {
    unit: 'zpage',
    counters,
    onFull(view) {
      refused()
      hits++
      const starts = view.outstanding <= MAX_OUTSTANDING_FLUSHES && view.zpages > 0
      waiting = starts ? 'flush' : 'no flush'
      return starts ? FLUSH_BATCH : 0
    },
    onStore() {
      if (waiting !== 'no') saved++
      waiting = 'no'
    },
    admit() {
      refused()
      return true
    },
    // A load takes the entry to the young end: a true LRU.
    onLoad: (view, zpage) => view.rotate(zpage),
  }
}

export function openZswap2013(
  core: CoreMm,
  form: Zswap2013Form,
  options: Omit<PoolOptions, 'inflight' | 'full' | 'budgetBytesPerDay' | 'compaction'>,
  parts: PoolParts,
): CompressedPool {
  return new CompressedPool(
    core,
    {
      allocator: allocatorOf(form),
      createIndex: (slots, release) => new SlotIndex(slots, release),
      maxZpageBytes: form === 'v4' ? V4_MAX_ZPAGE_BYTES : 4095,
      maxMeanZpageBytes: null,
      incompressible: 'reject',
      exclusiveGets: false,
    },
    {
      ...options,
      inflight: ZSWAP_2013_INFLIGHT[form],
      full: 'bypass',
      budgetBytesPerDay: null,
      compaction: false,
    },
    parts,
    options.policy && { policy: options.policy, core },
  )
}
