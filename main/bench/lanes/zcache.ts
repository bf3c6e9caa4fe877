import type { ZcacheLane } from '../../contract/index.ts'
import { openZcache, zcacheMetadataBytes } from '../../zcache/index.ts'
import type { LaneEntry } from './lane.ts'
import { lanePolicy, policyMetadataBytes } from './lane-policy.ts'
import { allocatorCounters, laneReserve, poolOptions, runPool, zpagesPerFrame } from './pool-lane.ts'

export const zcache: LaneEntry<ZcacheLane> = {
  name: 'zcache',
  title: 'zcache',
  description: 'Evicted pages are compressed into a pool in RAM; with writeback on, the oldest go on to the swap file.',
  needs: ['a codec of the system (lz4 and zstd are on every Debian)'],
  usesCodec: true,
  reserve: (lane) => laneReserve(lane, false),
  metadataBytes: (lane, experiment, slots) =>
    zcacheMetadataBytes(lane.allocator, slots, experiment.memory.pool) +
    policyMetadataBytes(lane, experiment.memory.pool),
  pagesPerFrame: ({ allocator }) => zpagesPerFrame(allocator),
  check: lanePolicy,
  open: (lane, experiment, parts) => {
    const { codec, level, allocator } = lane
    const options = { ...poolOptions(lane, experiment, parts), allocator, exclusiveGets: lane.exclusiveGets === 'on' }
    return runPool({
      codec,
      level,
      parts,
      sameFilled: false,
      asZpages: lane.writebackForm === 'zpage',
      open: (core, pool) => openZcache(core, options, pool),
      counters: (pool) => ({ ...pool.counters, ...pool.index.counters(), ...allocatorCounters(pool) }),
    })
  },
}
