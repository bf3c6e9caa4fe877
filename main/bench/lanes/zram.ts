import { type ExperimentSpec, PAGE_SIZE, type ZramLane } from '../../contract/index.ts'
import type { CoreMm } from '../../mm/index.ts'
import {
  type CompressedPool,
  openZram,
  SameFilled,
  ZRAM_RESERVE,
  zramMetadataBytes,
  zramWriteback,
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
    zramMetadataBytes(slots, limitOf(lane, experiment)) + SameFilled.bytes(slots),
  // Pages of one word take no frame at all, and zsmalloc sets no limit worth the name.
  pagesPerFrame: () => zpagesPerFrame('zsmalloc'),
  open: (lane, experiment, parts) => {
    const { writeback, idleAge, writebackLimit } = lane
    const memLimit = limitOf(lane, experiment)
    const options = {
      frames: parts.frames,
      slots: parts.slots.slots,
      disksize: lane.disksize ?? parts.slots.slots,
      memLimit,
      writeback: writeback === 'off' ? null : zramWriteback(writeback, { ageNs: idleAge * 1e9, limit: writebackLimit }),
    }
    let mm: CoreMm | null = null
    return runPool({
      codec: lane.codec,
      level: lane.level,
      parts,
      sameFilled: true,
      asZpages: false,
      open: (core, pool) => {
        mm = core
        return openZram(core, options, pool)
      },
      counters: (pool, same) => zramCounters(pool, same, mm?.refaults ?? 0, lane.memLimit === 'on' ? memLimit : 0),
    })
  },
}

/** Frames the pool may take: mem_limit, or all there are. */
function limitOf(lane: ZramLane, { memory }: ExperimentSpec): number {
  return lane.memLimit === 'on' ? memory.pool : memory.frames
}

/** mm_stat, io_stat and bd_stat by their names, as far as the model has them; the rest as zcache's. */
function zramCounters(
  pool: CompressedPool,
  same: SameFilled | null,
  bd_reads: number,
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
    ...rest
  } = pool.counters
  const same_pages = same?.counters.same_filled_pages ?? 0
  return {
    orig_data_size: (pers_zpages + same_pages) * PAGE_SIZE,
    compr_data_size: pers_zbytes,
    mem_used_total: pers_pageframes * PAGE_SIZE,
    mem_limit: memLimit * PAGE_SIZE,
    mem_used_max: pers_pageframes_max * PAGE_SIZE,
    same_pages,
    huge_pages: pool.rawPages,
    failed_writes: failed_pers_puts,
    bd_reads,
    bd_writes: writtenback_pages,
    succ_writes: succ_pers_puts + (same?.counters.same_filled_stores ?? 0),
    ...rest,
    ...pool.index.counters(),
    ...allocatorCounters(pool.allocator),
  }
}
