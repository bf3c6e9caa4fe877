import { PAGE_SIZE, type ZswapLane } from '../../contract/index.ts'
import { type CompressedPool, openZswap, SameFilled, zswapMetadataBytes } from '../../zcache/index.ts'
import type { LaneEntry } from './lane.ts'
import { lanePolicy, policyMetadataBytes } from './lane-policy.ts'
import { allocatorCounters, laneReserve, pagesPerFrame, poolOptions, runPool, wantsThread } from './pool-lane.ts'

export const zswap: LaneEntry<ZswapLane> = {
  name: 'zswap',
  title: 'zswap (today)',
  description:
    'As Linux has it now: a dense pool, incompressible pages kept raw, and a worker that writes the oldest back once the pool is full.',
  needs: ['a codec of the system (lz4 and zstd are on every Debian)'],
  usesCodec: true,
  reserve: (lane) => laneReserve(lane, true),
  metadataBytes: (lane, experiment, slots) =>
    zswapMetadataBytes(lane.allocator, slots, experiment.memory.pool) +
    (lane.sameFilled === 'zswap' ? SameFilled.bytes(slots) : 0) +
    policyMetadataBytes(lane, experiment.memory.pool),
  zeroMap: (lane) => lane.sameFilled === 'swap-map',
  diskSwap: (lane) => lane.diskSwap === 'on',
  // Pages of one word need no room.
  pagesPerFrame: (lane) => (lane.sameFilled === 'off' ? pagesPerFrame(lane) : null),
  check: lanePolicy,
  open: (lane, experiment, parts) => {
    const { codec, level, allocator, incompressible } = lane
    const options = { ...poolOptions(lane, experiment, parts), allocator, incompressible }
    return runPool({
      codec,
      level,
      parts,
      sameFilled: lane.sameFilled === 'zswap' ? 'as others' : 'no',
      asZpages: lane.writebackForm === 'zpage',
      thread: wantsThread(lane),
      open: (core, pool) => openZswap(core, options, pool),
      counters: (pool, same) => zswapCounters(pool, same, lane.writeback === 'on'),
    })
  },
}

/** What zswap's debugfs, /proc/vmstat and a memory group name, by those names; the rest as zcache's. */
function zswapCounters(pool: CompressedPool, same: SameFilled | null, writesBack: boolean): Record<string, number> {
  const {
    succ_pers_puts,
    failed_pers_puts,
    failed_get_free_pages,
    failed_alloc,
    compress_poor,
    mean_compress_poor,
    put_to_flush,
    pers_nonactive_puts_ignored,
    pers_pageframes,
    pers_zpages,
    writtenback_pages,
    age_inversions,
    ...rest
  } = pool.counters
  const stored_pages = pers_zpages + (same?.counters.same_filled_pages ?? 0)
  return {
    // Without writeback every load is one by a fault.
    zswpin: (writesBack ? rest.fault_loads : rest.pers_gets) + (same?.counters.same_filled_loads ?? 0),
    zswpout: succ_pers_puts + (same?.counters.same_filled_stores ?? 0),
    failed_stores: failed_pers_puts,
    pool_limit_hit: age_inversions,
    reject_alloc_fail: failed_get_free_pages - age_inversions,
    reject_compress_poor: compress_poor,
    reject_reclaim_fail:
      rest.writeback_skipped_swapcache + rest.writeback_skipped_gone + rest.writeback_skipped_no_frame,
    zswpwb: writtenback_pages,
    zswap: pers_pageframes * PAGE_SIZE,
    zswapped: stored_pages * PAGE_SIZE,
    pool_total_size: pers_pageframes * PAGE_SIZE,
    stored_pages,
    stored_incompressible_pages: pool.rawPages,
    written_back_pages: writtenback_pages,
    ...rest,
    ...same?.counters,
    ...pool.index.counters(),
    ...allocatorCounters(pool.allocator),
  }
}
