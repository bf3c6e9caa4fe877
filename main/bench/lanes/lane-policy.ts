import { isPolicyPath, isPoolLane, LabError, type LaneSpec, type PoolLane } from '../../contract/index.ts'
import { ALLOCATORS, type Policy, policyEntry, policyParameters, withShrinker } from '../../zcache/index.ts'

/** Allocators that give back a frame on demand. */
const GIVING = Object.values(ALLOCATORS).flatMap(({ gives, name }) => (gives === 'frame' ? [name] : []))

/**
 * The writeback policy of a lane with a compressed pool; null where writeback is off.
 * @param watch looks at a user's own
 * @throws LabError `bad_input` naming the parameter, or policy and allocator where they do not go together
 */
export function lanePolicy(lane: PoolLane, watch?: (policy: Policy) => Policy): Policy | null {
  if (lane.writeback === 'off') return null
  const entry = policyEntry(lane.policy)
  const created = entry.create(policyParameters(entry, lane.parameters))
  const own = watch && isPolicyPath(lane.policy) ? watch(created) : created
  const policy = lane.lane === 'zswap' && lane.shrinker === 'on' ? withShrinker(own) : own
  const allocator = ALLOCATORS[lane.allocator]
  if (policy.unit === 'zpage') return policy
  if (allocator.gives !== 'frame')
    throw new LabError({
      code: 'bad_input',
      message: `The policy ${lane.policy} writes back whole frames, and ${allocator.name} can give back none on demand.`,
      field: 'lanes.policy',
      remedy: `Choose an allocator that can (${GIVING.join(', ')}), or a policy by zpage, such as lru-zpage.`,
    })
  if (allocator.zpagesPerFrame > lane.inflight)
    throw new LabError({
      code: 'bad_input',
      message: `A frame of ${allocator.name} holds up to ${allocator.zpagesPerFrame} zpages, and ${lane.inflight} pages may be in flight.`,
      field: 'lanes.inflight',
      remedy: `Allow at least ${allocator.zpagesPerFrame} in flight.`,
    })
  return policy
}

/** Whether the lane's policy must know the accesses still to come. */
export function needsFuture(lane: LaneSpec): boolean {
  return isPoolLane(lane) && lane.writeback === 'on' && policyEntry(lane.policy).needs === 'future'
}

/** Bytes the lane's policy keeps; a user's own is not asked. */
export function policyMetadataBytes(lane: PoolLane, poolLimit: number): number {
  if (lane.writeback === 'off' || isPolicyPath(lane.policy)) return 0
  return policyEntry(lane.policy).metadataBytes?.(poolLimit) ?? 0
}
