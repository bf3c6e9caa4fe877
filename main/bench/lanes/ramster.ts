import { PAGE_SIZE, type RamsterLane, type ZcacheLane } from '../../contract/index.ts'
import { Ramster, ramsterMetadataBytes } from '../../zcache/index.ts'
import type { LaneEntry } from './lane.ts'
import { lanePolicy } from './lane-policy.ts'
import { runZcache, zcache } from './zcache.ts'

const NS_PER_S = 1e9

/** What is local is zcache's pool. */
const poolOf = ({
  nodes,
  nodePages,
  interval,
  frames,
  selfShrink,
  shrinkInterval,
  inertia,
  shrinkHysteresis,
  model,
  ...pool
}: RamsterLane): ZcacheLane => ({ ...pool, lane: 'zcache' })

export const ramster: LaneEntry<RamsterLane> = {
  name: 'ramster',
  title: 'RAMster',
  description:
    'zcache whose oldest zpages are sent on, compressed, to the memory of other machines: Redis or Valkey servers. A fault on such a page waits for its node; a node that is lost ends the run.',
  needs: [
    ...zcache.needs,
    'a Redis or Valkey server that keeps what it is given, named by the field nodes (to try it: redis-server --port 6379 --save "" --appendonly no)',
  ],
  usesCodec: true,
  reserve: (lane) => zcache.reserve(poolOf(lane)),
  metadataBytes: (lane, experiment, slots) =>
    zcache.metadataBytes(poolOf(lane), experiment, slots) + ramsterMetadataBytes(slots),
  // What nodes hold is not in this RAM, and has no limit that is known here.
  pagesPerFrame: () => null,
  check: (lane) => {
    lanePolicy(lane)
  },
  open: (lane, experiment, parts) => {
    const { selfShrink, shrinkInterval, inertia, shrinkHysteresis: hysteresis } = lane
    const remote = parts.openRemote?.(lane)
    if (!remote) throw new Error('this world has no nodes')
    let ramster: Ramster | null = null
    const options = {
      slots: parts.slots.slots,
      intervalNs: lane.interval * NS_PER_S,
      frames: lane.frames,
      nodeBytes: lane.nodePages === null ? Number.POSITIVE_INFINITY : lane.nodePages * PAGE_SIZE,
      compaction: lane.compaction === 'on',
      shrink: selfShrink === 'off' ? null : { intervalNs: shrinkInterval * NS_PER_S, inertia, hysteresis },
    }
    try {
      const run = runZcache(poolOf(lane), experiment, parts, (core, pool, { codec }) => {
        ramster = new Ramster(core, options, { pool, codec, remote })
        return ramster
      })
      return {
        ...run,
        counters: () => ({ ...run.counters(), ...ramster?.copies.counters, ...ramster?.counters }),
        clearPeaks: () => {
          run.clearPeaks?.()
          ramster?.copies.clearPeak()
        },
        poolMetrics: () => ({ ...run.poolMetrics(), 'remote.bytes.peak': ramster?.copies.peakBytes ?? 0 }),
        audit: () => {
          ramster?.comeToRest()
          return ramster?.audit(true) ?? []
        },
        leftovers: () => {
          const { remote_pers_pages = 0 } = ramster?.copies.counters ?? {}
          return [
            ...(run.leftovers?.() ?? []),
            ...(remote_pers_pages > 0 ? [`${remote_pers_pages} pages are left over at nodes`] : []),
          ]
        },
        close: () => {
          run.close()
          remote.close()
        },
      }
    } catch (error) {
      remote.close()
      throw error
    }
  },
}
