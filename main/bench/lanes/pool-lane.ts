import {
  type AllocatorName,
  type CodecName,
  type ExperimentSpec,
  PAGE_SIZE,
  type PoolLane,
} from '../../contract/index.ts'
import type { Backend, CoreMm } from '../../mm/index.ts'
import {
  ALLOCATORS,
  type Allocator,
  type CompressedPool,
  type PoolOptions,
  type PoolParts,
  reserveFrames,
  SameFilled,
  zpageReserveFrames,
} from '../../zcache/index.ts'
import type { LaneCodec, LaneEvent, LaneParts, LaneRun } from './lane.ts'
import { lanePolicy } from './lane-policy.ts'

/** What lanes with a compressed pool have in common: what the lane asks is handed to the pool, and what it shows is read from it. */

interface PoolLaneParts {
  codec: CodecName
  level: number | undefined
  /** What recompresses; null or absent: nothing does. */
  second?: { codec: CodecName; level?: number | undefined } | null
  parts: LaneParts
  open(core: CoreMm, parts: PoolParts): CompressedPool
  /** What stands before the pool and is the backend in its stead. Default: nothing. */
  over?(core: CoreMm, pool: CompressedPool, parts: PoolParts): Backend
  /** Whether pages of one repeated word are taken before the pool sees them: always, or while it takes others too. */
  sameFilled: 'no' | 'always' | 'as others'
  /** Whether victims are written as zpages. */
  asZpages: boolean
  /** Whether what is written back is decompressed by a second thread. Default: no. */
  thread?: boolean
  /** When the pool is frozen and when thawed, shares of the accesses; null is never. Default: never. */
  freeze?: { at: number | null; thaw: number | null }
  /** By their kernel names. `same` null: there are no such pages. */
  counters(pool: CompressedPool, same: SameFilled | null): Record<string, number>
}

/**
 * Frames a lane keeps aside for writeback.
 * @param large its zpages may be too large for a block of zpages
 */
export function laneReserve(lane: PoolLane, large: boolean): number {
  if (lane.writeback === 'off') return 0
  return lane.writebackForm === 'zpage' ? zpageReserveFrames(lane.inflight, large) : reserveFrames(lane.inflight)
}

/** Whether a second thread decompresses what a lane writes back. */
export function wantsThread(lane: PoolLane): boolean {
  return lane.writeback === 'on' && lane.writebackThread === 'on'
}

/** What a lane that leaves everything open asks of its pool. @throws LabError `bad_input` */
export function poolOptions(lane: PoolLane, experiment: ExperimentSpec, parts: LaneParts): PoolOptions {
  return {
    frames: parts.frames,
    slots: parts.slots.slots,
    poolLimit: experiment.memory.pool,
    policy: lanePolicy(lane, parts.watchPolicy),
    inflight: lane.inflight,
    full: lane.full,
    budgetBytesPerDay: lane.budget === null ? null : lane.budget * 2 ** 20,
    cluster: lane.writebackCluster,
    compaction: lane.compaction === 'on',
    future: parts.future,
  }
}

/** LaneEntry.pagesPerFrame of a lane that leaves everything open: how many a block of staged zpages holds is not known beforehand. */
export function pagesPerFrame({ allocator, writebackForm }: PoolLane): number | null {
  return writebackForm === 'zpage' ? null : zpagesPerFrame(allocator)
}

/** The same of a pool with this allocator. */
export function zpagesPerFrame(name: AllocatorName): number | null {
  const allocator = ALLOCATORS[name]
  return allocator.gives === 'frame' ? allocator.zpagesPerFrame : null
}

/** What every pool is given of a trial. */
export function poolParts(codec: LaneCodec, parts: LaneParts): PoolParts {
  return {
    codec,
    arena: parts.arena,
    mover: parts.mover,
    bounce: parts.bounce,
    generations: parts.slots.generation,
    clock: parts.clock,
    meters: parts.meters.zcache,
  }
}

/** LaneRun.gauges; null before the pool is made. */
export function poolGauges(pool: CompressedPool | null): ReturnType<LaneRun['gauges']> {
  return {
    poolFrames: pool?.frames ?? 0,
    inflight: pool?.counters.outstanding_writeback_pages ?? 0,
    writtenBack: pool?.counters.writtenback_pages ?? 0,
  }
}

/** LaneRun.cumulChunkCounts; null before the pool is made, too. */
export function chunkCounts(pool: CompressedPool | null): number[] | null {
  const counts = pool?.allocator.cumulChunkCounts
  return counts ? [...counts] : null
}

/** @throws LabError `codec_unavailable` */
export function runPool({
  codec: name,
  level,
  second: stronger = null,
  parts,
  open,
  over,
  sameFilled,
  asZpages,
  thread = false,
  freeze = { at: null, thaw: null },
  counters,
}: PoolLaneParts): LaneRun {
  const codec = parts.openCodec(name, level)
  const second = stronger && orClose(codec, () => parts.openCodec(stronger.codec, stronger.level))
  const beside = thread ? orClose(codec, () => parts.openDecompressor?.(name, level) ?? null) : null
  let pool: CompressedPool | null = null
  let same: SameFilled | null = null
  const of = <T>(read: (pool: CompressedPool) => T, none: T): T => (pool ? read(pool) : none)
  return {
    backend: (core) => {
      const given: PoolParts = {
        ...poolParts(codec, parts),
        zpageArea: asZpages ? parts.zpageArea : null,
        decompressor: beside,
        ...(second && { second: { codec: second, page: parts.recompressPage } }),
      }
      pool = open(core, given)
      if (over) return over(core, pool, given)
      if (sameFilled !== 'no')
        same = new SameFilled(pool, parts.samePages('any'), parts.slots.slots, sameFilled === 'always' ? null : pool)
      return same ?? pool
    },
    events: [...at(freeze.at, () => pool?.freeze(true)), ...at(freeze.thaw, () => pool?.freeze(false))],
    counters: () => of((pool) => withoutUncounted(counters(pool, same), pool), {}),
    cumulChunkCounts: () => chunkCounts(pool),
    gauges: () => poolGauges(pool),
    clearPeaks: () => pool?.clearPeaks(),
    poolMetrics: () => of(poolMetrics, {}),
    peek: (slot) => of((pool) => pool.peek(slot), null),
    audit: () => of((pool) => [...pool.audit(true), ...(same?.audit() ?? [])], []),
    leftovers: () => of((pool) => pool.leftovers(), []),
    close: () => {
      beside?.close()
      second?.close()
      codec.close()
    },
  }
}

/** What nobody counts is left out: 0 would be a figure. */
export function withoutUncounted(
  { fault_loads, ...counters }: Record<string, number>,
  { hasPolicy }: CompressedPool,
): Record<string, number> {
  return hasPolicy ? { fault_loads, ...counters } : counters
}

function at(share: number | null, act: () => void): LaneEvent[] {
  return share === null ? [] : [{ at: share, act }]
}

/** What is open already is closed where the next cannot be. @throws what `open` throws */
function orClose<T>(first: LaneCodec, open: () => T): T {
  try {
    return open()
  } catch (error) {
    first.close()
    throw error
  }
}

export function poolMetrics({ cleancache, counters, allocator, peakFrames }: CompressedPool): Record<string, number> {
  const metrics: Record<string, number> = { 'pool.frames.peak': peakFrames }
  if (counters.pers_zbytes > 0) {
    metrics['pool.ratio.true'] = (counters.pers_zpages * PAGE_SIZE) / counters.pers_zbytes
    metrics['pool.ratio.effective'] = counters.pers_zpages / counters.pers_pageframes
    const { fragmentation, internal_fragmentation, external_fragmentation } = allocator.stats()
    metrics['pool.fragmentation'] = fragmentation
    metrics['pool.fragmentation.internal'] = internal_fragmentation
    metrics['pool.fragmentation.external'] = external_fragmentation
  }
  if (cleancache) {
    const { eph_pageframes, eph_zpages, eph_zbytes } = cleancache.counters
    metrics['ephemeral.frames.peak'] = cleancache.peakFrames
    if (eph_pageframes > 0) {
      metrics['ephemeral.ratio.true'] = (eph_zpages * PAGE_SIZE) / eph_zbytes
      metrics['ephemeral.ratio.effective'] = eph_zpages / eph_pageframes
      metrics['ephemeral.fragmentation'] = cleancache.allocator.stats().fragmentation
    }
  }
  return metrics
}

/** An allocator's counters; its fragmentation is a metric, and the parts of it are. */
export function allocatorCounters(allocator: Allocator): Record<string, number> {
  const { fragmentation, internal_fragmentation, external_fragmentation, ...counters } = allocator.stats()
  return counters
}
