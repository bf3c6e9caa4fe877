import { LabError, type LiveLane, type ZcacheLane } from '../../contract/index.ts'
import type { LaneEntry } from './lane.ts'
import { lanePolicy, needsFuture } from './lane-policy.ts'
import { liveMissing } from './live-missing.ts'
import { zcache } from './zcache.ts'

/** What stands behind frontswap is zcache's pool. */
const poolOf = ({ mode, threads, ...pool }: LiveLane): ZcacheLane => ({ ...pool, lane: 'zcache' })

export const live: LaneEntry<LiveLane> = {
  name: 'live',
  title: 'zcache on live memory',
  description:
    'Real memory and real page faults: the workload touches pages by itself, and the engine brings what is missing (userfaultfd) from its pool or the swap file. It is told of faults and of writes, never of reads of a page in memory: a page that is only read leaves in the order it came.',
  needs: ['userfaultfd with WP_ASYNC (Linux 6.7; for mode handler 6.8), no privileges', ...zcache.needs],
  usesCodec: true,
  reserve: (lane) => zcache.reserve(poolOf(lane)),
  metadataBytes: (lane, experiment, slots) => zcache.metadataBytes(poolOf(lane), experiment, slots),
  pagesPerFrame: (lane) => zcache.pagesPerFrame(poolOf(lane)),
  missing: () => {
    const missing = liveMissing('sigbus')
    return missing && `${missing.reason}; ${missing.remedy}`
  },
  check: (lane) => {
    lanePolicy(lane)
    if (needsFuture(lane))
      throw new LabError({
        code: 'bad_input',
        message: `The policy ${lane.policy} has to know which access is under way, and live memory is touched in batches.`,
        field: 'lanes.policy',
        remedy: 'Use it with a lane on simulated frames (zcache, zswap), or choose another policy.',
      })
    const missing = liveMissing(lane.mode)
    if (missing)
      throw new LabError({
        code: 'unavailable',
        message: `The lane live cannot run here with mode ${lane.mode}: ${missing.reason}.`,
        field: 'lanes.mode',
        remedy: `${missing.remedy.charAt(0).toUpperCase()}${missing.remedy.slice(1)}; or leave the lane out.`,
      })
  },
  open: (lane, experiment, parts) => zcache.open(poolOf(lane), experiment, parts),
}
