import type { XenTmemLane } from '../../contract/index.ts'
import { XenTmem, type XenTmemOptions, xenTmemMetadataBytes } from '../../zcache/index.ts'
import type { LaneEntry } from './lane.ts'
import {
  allocatorCounters,
  chunkCounts,
  poolGauges,
  poolMetrics,
  poolParts,
  withoutUncounted,
  zpagesPerFrame,
} from './pool-lane.ts'

const NS_PER_S = 1e9

export const xenTmem: LaneEntry<XenTmemLane> = {
  name: 'xen-tmem',
  title: 'Xen tmem',
  description:
    'A backend that cannot call back: the hypervisor compresses what a guest swaps out and writes nothing back; the guest balloons, and pulls pages in when swapping has stopped.',
  needs: ['a codec of the system (lz4 and zstd are on every Debian)'],
  usesCodec: true,
  reserve: () => 0,
  metadataBytes: (lane, experiment, slots) => xenTmemMetadataBytes(lane.allocator, slots, experiment.memory.frames),
  pagesPerFrame: ({ allocator }) => zpagesPerFrame(allocator),
  open: (lane, experiment, parts) => {
    const codec = parts.openCodec(lane.codec, lane.level)
    const { selfBalloon, selfShrink } = lane
    const intervalNs = lane.interval * NS_PER_S
    const { downHysteresis, upHysteresis, reserve } = lane
    const options: XenTmemOptions = {
      frames: parts.frames,
      slots: parts.slots.slots,
      bootFrames: experiment.memory.pool,
      allocator: lane.allocator,
      balloon: selfBalloon === 'on' ? { intervalNs, downHysteresis, upHysteresis, reserve } : null,
      shrink:
        selfShrink === 'off'
          ? null
          : { intervalNs, inertia: lane.inertia, hysteresis: lane.shrinkHysteresis, byAge: selfShrink === 'by-age' },
    }
    let tmem: XenTmem | null = null
    return {
      backend: (core) => {
        tmem = new XenTmem(core, options, poolParts(codec, parts))
        return tmem
      },
      counters: () =>
        tmem
          ? {
              ...withoutUncounted({ ...tmem.pool.counters }, tmem.pool),
              // Its limit is the hypervisor's last frame, not the pool's own.
              age_inversions: tmem.pool.counters.failed_get_free_pages,
              ...tmem.counters,
              ...tmem.pool.index.counters(),
              ...allocatorCounters(tmem.pool.allocator),
            }
          : {},
      cumulChunkCounts: () => chunkCounts(tmem?.pool ?? null),
      gauges: () => poolGauges(tmem?.pool ?? null),
      clearPeaks: () => tmem?.pool.clearPeaks(),
      poolMetrics: () => (tmem ? poolMetrics(tmem.pool) : {}),
      audit: () => tmem?.audit() ?? [],
      leftovers: () => tmem?.pool.leftovers() ?? [],
      close: () => codec.close(),
    }
  },
}
