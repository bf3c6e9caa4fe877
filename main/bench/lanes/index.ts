import { type EngineLane, type ExperimentSpec, isKernelLane, LabError, type LaneSpec } from '../../contract/index.ts'
import type { LaneEntry, LaneParts, LaneRun } from './lane.ts'
import { raw } from './raw.ts'
import { zcache } from './zcache.ts'
import { zswap } from './zswap.ts'

export type { LaneCodec, LaneRun } from './lane.ts'

export const LANES = { raw, zcache, zswap } satisfies {
  [L in EngineLane['lane']]: LaneEntry<Extract<EngineLane, { lane: L }>>
}

/** A lane that the engine carries out; the kernel's own never get here. */
function engineLane(lane: LaneSpec): EngineLane {
  if (!isKernelLane(lane)) return lane
  throw new LabError({ code: 'invariant', message: `${lane.lane} was given to the engine, which is not the kernel.` })
}

/** What a lane asks of the RAM: reserve (frames, part of the RAM) and metadata (bytes, taken off it). */
export function laneMemory(
  choice: LaneSpec,
  experiment: ExperimentSpec,
  slots: number,
): { reserve: number; metadataBytes: number } {
  const lane = engineLane(choice)
  switch (lane.lane) {
    case 'raw':
      return { reserve: LANES.raw.reserve(lane), metadataBytes: LANES.raw.metadataBytes(lane, experiment, slots) }
    case 'zcache':
      return { reserve: LANES.zcache.reserve(lane), metadataBytes: LANES.zcache.metadataBytes(lane, experiment, slots) }
    case 'zswap':
      return { reserve: LANES.zswap.reserve(lane), metadataBytes: LANES.zswap.metadataBytes(lane, experiment, slots) }
  }
}

/** Refuses, before anything is prepared, what the contract could not see. @throws LabError `bad_input` naming the lane's field */
export function checkLanes(lanes: readonly LaneSpec[]): void {
  for (const [index, lane] of lanes.entries()) {
    try {
      if (!isKernelLane(lane)) checkLane(lane)
    } catch (error) {
      if (!(error instanceof LabError)) throw error
      const { code, message, remedy, field } = error.toFault()
      throw new LabError(
        { code, message, remedy, field: field?.replace(/^lanes\./, `lanes.${index}.`) },
        { cause: error },
      )
    }
  }
}

function checkLane(lane: EngineLane): void {
  switch (lane.lane) {
    case 'raw':
      LANES.raw.check?.(lane)
      break
    case 'zcache':
      LANES.zcache.check?.(lane)
      break
    case 'zswap':
      LANES.zswap.check?.(lane)
      break
  }
}

/** @throws LabError `codec_unavailable`, `bad_input` */
export function openLane(choice: LaneSpec, experiment: ExperimentSpec, parts: LaneParts): LaneRun {
  const lane = engineLane(choice)
  switch (lane.lane) {
    case 'raw':
      return LANES.raw.open(lane, experiment, parts)
    case 'zcache':
      return LANES.zcache.open(lane, experiment, parts)
    case 'zswap':
      return LANES.zswap.open(lane, experiment, parts)
  }
}
