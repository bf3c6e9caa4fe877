import { type ExperimentSpec, PAGE_SIZE, type ZramLane } from '../../contract/index.ts'
import type { CoreMm } from '../../mm/index.ts'
import {
  type CompressedPool,
  openZram,
  SameFilled,
  ZRAM_RESERVE,
  type ZramPasses,
  zramMetadataBytes,
} from '../../zcache/index.ts'
import type { LaneEntry } from './lane.ts'
import { allocatorCounters, runPool, zpagesPerFrame } from './pool-lane.ts'

export const zram: LaneEntry<ZramLane> = {
  name: 'zram',
  title: 'zram',
  description:
    'A compressed block device in RAM as the first swap area, the swap file as the second: nothing leaves it by itself, and what it has no room for goes past it.',
  needs: ['a codec of the system (lz4 and zstd are on every Debian)'],
  usesCodec: true,
  reserve: (lane) => (lane.writeback === 'off' ? 0 : ZRAM_RESERVE),
  metadataBytes: (lane, experiment, slots) =>
    zramMetadataBytes(slots, limitOf(lane, experiment), lane.recompress.type !== 'off') + SameFilled.bytes(slots),
  // Pages of one word take no frame at all, and zsmalloc sets no limit worth the name.
  pagesPerFrame: () => zpagesPerFrame('zsmalloc'),
  open: (lane, experiment, parts) => {
    const memLimit = limitOf(lane, experiment)
    const options = {
      frames: parts.frames,
      slots: parts.slots.slots,
      disksize: lane.disksize ?? parts.slots.slots,
      memLimit,
      passes: passesOf(lane),
      recompressThreshold: lane.recompress.threshold,
    }
    let mm: CoreMm | null = null
    return runPool({
      codec: lane.codec,
      level: lane.level,
      second: lane.recompress.type === 'off' ? null : lane.recompress,
      parts,
      sameFilled: 'always',
      asZpages: false,
      open: (core, pool) => {
        mm = core
        return openZram(core, options, pool)
      },
      counters: (pool, same) => zramCounters(pool, same, mm, lane.memLimit === 'on' ? memLimit : 0),
    })
  },
}

/** Frames the pool may take: mem_limit, or all there are. */
function limitOf(lane: ZramLane, { memory }: ExperimentSpec): number {
  return lane.memLimit === 'on' ? memory.pool : memory.frames
}

function passesOf({ writeback, recompress, idleAge, writebackLimit }: ZramLane): ZramPasses | null {
  if (writeback === 'off' && recompress.type === 'off') return null
  return {
    ageNs: idleAge * 1e9,
    writeback: writeback === 'off' ? null : writeback,
    limit: writebackLimit,
    recompress: recompress.type === 'off' ? null : recompress.type,
  }
}

/** mm_stat, io_stat and bd_stat by their names, as far as the model has them; the rest as zcache's. */
function zramCounters(
  pool: CompressedPool,
  same: SameFilled | null,
  mm: CoreMm | null,
  memLimit: number,
): Record<string, number> {
  const {
    succ_pers_puts,
    failed_pers_puts,
    pers_zpages,
    pers_zbytes,
    pers_pageframes,
    pers_pageframes_max,
    writtenback_pages,
    age_inversions,
    ...rest
  } = pool.counters
  const same_pages = same?.counters.same_filled_pages ?? 0
  const succ_writes = succ_pers_puts + (same?.counters.same_filled_stores ?? 0)
  const bd_count = mm?.countWrittenBack() ?? 0
  return {
    orig_data_size: (pers_zpages + same_pages) * PAGE_SIZE,
    compr_data_size: pers_zbytes,
    mem_used_total: pers_pageframes * PAGE_SIZE,
    mem_limit: memLimit * PAGE_SIZE,
    mem_used_max: pers_pageframes_max * PAGE_SIZE,
    same_pages,
    huge_pages: pool.rawPages,
    huge_pages_since: pool.rawStores,
    failed_writes: failed_pers_puts,
    /** Every transfer is a whole page. */
    invalid_io: 0,
    /** What was ever taken and is neither here nor on the backing device was freed with its slot; a page whose write failed is with mm again. */
    notify_free: succ_writes - pers_zpages - same_pages - bd_count - rest.writeback_errors,
    bd_count,
    bd_reads: mm?.writtenBackReads ?? 0,
    bd_writes: writtenback_pages,
    succ_writes,
    /** A device that has no entry left passes younger pages as one at its mem_limit does. */
    age_inversions: age_inversions + rest.failed_alloc,
    ...pool.recompression?.counters,
    ...rest,
    ...pool.index.counters(),
    ...allocatorCounters(pool.allocator),
  }
}
