import { PAGE_SIZE, type Zswap2013Lane } from '../../contract/index.ts'
import {
  type CompressedPool,
  openZswap2013,
  ZSWAP_2013_RESERVE,
  type Zswap2013Form,
  zswap2013MetadataBytes,
  zswap2013Rule,
} from '../../zcache/index.ts'
import type { LaneEntry } from './lane.ts'
import { allocatorCounters, runPool, zpagesPerFrame } from './pool-lane.ts'

export const zswap2013: LaneEntry<Zswap2013Lane> = {
  name: 'zswap-2013',
  title: 'zswap (2013)',
  description:
    'As Linux 3.11 merged it (a store at the limit writes one frame back itself), or as its fourth version was posted (a store without room flushes 16 entries, true LRU).',
  needs: ['a codec of the system (lz4 and zstd are on every Debian)'],
  usesCodec: true,
  reserve: (lane) => ZSWAP_2013_RESERVE[lane.form],
  metadataBytes: (lane, experiment, slots) => zswap2013MetadataBytes(lane.form, slots, experiment.memory.pool),
  pagesPerFrame: ({ form }) => zpagesPerFrame(form === '3.11' ? 'zbud-zswap' : 'zsmalloc'),
  open: (lane, experiment, parts) => {
    const { form } = lane
    const rule = zswap2013Rule(form)
    return runPool({
      codec: lane.codec,
      level: lane.level,
      parts,
      sameFilled: 'no',
      asZpages: false,
      open: (core, pool) =>
        openZswap2013(
          core,
          form,
          {
            frames: parts.frames,
            slots: parts.slots.slots,
            poolLimit: experiment.memory.pool,
            policy: rule,
          },
          pool,
        ),
      counters: (pool) => ({ ...countersOf(form, pool), ...ruleCounters(form, rule.counters()) }),
    })
  },
}

type RuleCounters = ReturnType<ReturnType<typeof zswap2013Rule>['counters']>

/** Those that the form has. */
function ruleCounters(form: Zswap2013Form, all: RuleCounters): Record<string, number> {
  const { pool_limit_hit, reject_reclaim_fail, saved_by_flush, reject_flush_attempted, reject_flush_fail } = all
  return form === '3.11'
    ? { pool_limit_hit, reject_reclaim_fail }
    : { pool_limit_hit, saved_by_flush, reject_flush_attempted, reject_flush_fail, reject_tmppage_fail: 0 }
}

function countersOf(form: Zswap2013Form, pool: CompressedPool): Record<string, number> {
  const {
    succ_pers_puts,
    failed_pers_puts,
    failed_get_free_pages,
    failed_alloc,
    compress_poor,
    mean_compress_poor,
    pers_pageframes,
    pers_zpages,
    writtenback_pages,
    outstanding_writeback_pages,
    age_inversions,
    policy_rejects,
    put_to_flush,
    pers_nonactive_puts_ignored,
    ...rest
  } = pool.counters
  return {
    succ_stores: succ_pers_puts,
    failed_stores: failed_pers_puts,
    reject_alloc_fail: failed_get_free_pages - age_inversions,
    reject_compress_poor: compress_poor,
    pool_total_size: pers_pageframes * PAGE_SIZE,
    stored_pages: pers_zpages,
    age_inversions,
    ...(form === '3.11'
      ? { written_back_pages: writtenback_pages }
      : { flushed_pages: writtenback_pages, outstanding_flushes: outstanding_writeback_pages }),
    ...rest,
    ...pool.index.counters(),
    ...allocatorCounters(pool.allocator),
  }
}
