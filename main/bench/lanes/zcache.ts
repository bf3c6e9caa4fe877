import type { ExperimentSpec, ZcacheLane } from '../../contract/index.ts'
import type { Backend, CoreMm } from '../../mm/index.ts'
import { type CompressedPool, openZcache, type PoolParts, zcacheMetadataBytes } from '../../zcache/index.ts'
import { fileAreas } from '../workloads/index.ts'
import type { LaneEntry, LaneParts, LaneRun } from './lane.ts'
import { lanePolicy, policyMetadataBytes } from './lane-policy.ts'
import { allocatorCounters, laneReserve, pagesPerFrame, poolOptions, runPool, wantsThread } from './pool-lane.ts'

export const zcache: LaneEntry<ZcacheLane> = {
  name: 'zcache',
  title: 'zcache',
  description:
    'Evicted pages are compressed into a pool in RAM; with writeback on, the oldest go on to the swap file. Clean pages of a mapped file are kept beside them as long as there is room.',
  needs: ['a codec of the system (lz4 and zstd are on every Debian)'],
  usesCodec: true,
  reserve: (lane) => laneReserve(lane, false),
  metadataBytes: (lane, experiment, slots) =>
    zcacheMetadataBytes(lane.allocator, slots, experiment.memory.pool, filePages(lane, experiment)) +
    policyMetadataBytes(lane, experiment.memory.pool),
  pagesPerFrame,
  check: lanePolicy,
  open: (lane, experiment, parts) => runZcache(lane, experiment, parts),
}

/**
 * @param over makes the backend that stands before the pool, and asks for the order of its stores. Default: none, the pool is the backend
 * @throws LabError `codec_unavailable`, `bad_input`
 */
export function runZcache(
  lane: ZcacheLane,
  experiment: ExperimentSpec,
  parts: LaneParts,
  over?: (core: CoreMm, pool: CompressedPool, parts: PoolParts) => Backend,
): LaneRun {
  const { codec, level, allocator } = lane
  const options = {
    ...poolOptions(lane, experiment, parts),
    allocator,
    exclusiveGets: lane.exclusiveGets === 'on',
    filePages: filePages(lane, experiment),
    frontswap: lane.frontswap === 'on',
    activeOnly: lane.activeOnly === 'on',
    writethrough: lane.writethrough === 'on',
    oldestAsked: over !== undefined,
  }
  return runPool({
    codec,
    level,
    parts,
    sameFilled: 'no',
    asZpages: lane.writebackForm === 'zpage',
    thread: wantsThread(lane),
    freeze: lane.freeze,
    open: (core, pool) => openZcache(core, options, pool),
    ...(over && { over }),
    counters: (pool) => ({
      ...pool.counters,
      ...pool.index.counters(),
      ...allocatorCounters(pool.allocator),
      ...(pool.cleancache && {
        ...pool.cleancache.counters,
        ...ephemeralNames(allocatorCounters(pool.cleancache.allocator)),
      }),
    }),
  })
}

/** Pages of the mapped file that the lane may be offered. */
function filePages(lane: ZcacheLane, { workload }: ExperimentSpec): number {
  return lane.cleancache === 'on' ? (fileAreas(workload.pages, workload.file.share)?.vpnOf.length ?? 0) : 0
}

/** The allocator's counters of the ephemeral half: zbud_eph_zpages beside zbud_pers_zpages, eph_buddied_count beside buddied_count. */
function ephemeralNames(counters: Record<string, number>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(counters).map(([name, value]) => [
      name.startsWith('zbud_pers_') ? name.replace('zbud_pers_', 'zbud_eph_') : `eph_${name}`,
      value,
    ]),
  )
}
