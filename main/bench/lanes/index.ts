import type { ExperimentSpec, LaneSpec } from '../../contract/index.ts'
import type { LaneEntry, LaneParts, LaneRun } from './lane.ts'
import { raw } from './raw.ts'
import { zcache } from './zcache.ts'

export type { LaneCodec, LaneRun } from './lane.ts'

export const LANES = { raw, zcache } satisfies { [L in LaneSpec['lane']]: LaneEntry<Extract<LaneSpec, { lane: L }>> }

/** What a lane asks of the RAM: reserve (frames, part of the RAM) and metadata (bytes, taken off it). */
export function laneMemory(
  lane: LaneSpec,
  experiment: ExperimentSpec,
  slots: number,
): { reserve: number; metadataBytes: number } {
  switch (lane.lane) {
    case 'raw':
      return { reserve: LANES.raw.reserve(lane), metadataBytes: LANES.raw.metadataBytes(lane, experiment, slots) }
    case 'zcache':
      return { reserve: LANES.zcache.reserve(lane), metadataBytes: LANES.zcache.metadataBytes(lane, experiment, slots) }
  }
}

/** @throws LabError `codec_unavailable` */
export function openLane(lane: LaneSpec, experiment: ExperimentSpec, parts: LaneParts): LaneRun {
  switch (lane.lane) {
    case 'raw':
      return LANES.raw.open(lane, experiment, parts)
    case 'zcache':
      return LANES.zcache.open(lane, experiment, parts)
  }
}
