import { type EngineLane, type ExperimentSpec, isKernelLane, LabError, type LaneSpec } from '../../contract/index.ts'
import type { LaneEntry, LaneParts, LaneRun } from './lane.ts'
import { raw } from './raw.ts'
import { zcache } from './zcache.ts'
import { zswap } from './zswap.ts'

export type { LaneCodec, LaneRun } from './lane.ts'

type LaneName = EngineLane['lane']
type LaneOf<N extends LaneName> = Extract<EngineLane, { lane: N }>

/** Every lane of the engine. To add one: its file, its row here, its schema in the contract. */
export const LANES: { [N in LaneName]: LaneEntry<LaneOf<N>> } = { raw, zcache, zswap }

/** The row of a lane's own kind, which therefore takes this lane. */
function entryOf<N extends LaneName>(lane: LaneOf<N>): LaneEntry<LaneOf<N>> {
  const name: N = lane.lane
  return LANES[name]
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
  const entry = entryOf(lane)
  return { reserve: entry.reserve(lane), metadataBytes: entry.metadataBytes(lane, experiment, slots) }
}

/** Whether the swap layer keeps pages of zeros away from this lane. */
export function laneZeroMap(choice: LaneSpec, experiment: ExperimentSpec): boolean {
  const lane = engineLane(choice)
  return entryOf(lane).zeroMap?.(lane) ?? experiment.mm.zeroMap === 'on'
}

/** Refuses, before anything is prepared, what the contract could not see. @throws LabError `bad_input` naming the lane's field */
export function checkLanes(lanes: readonly LaneSpec[]): void {
  for (const [index, lane] of lanes.entries()) {
    if (isKernelLane(lane)) continue
    try {
      entryOf(lane).check?.(lane)
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

/** @throws LabError `codec_unavailable`, `bad_input` */
export function openLane(choice: LaneSpec, experiment: ExperimentSpec, parts: LaneParts): LaneRun {
  const lane = engineLane(choice)
  return entryOf(lane).open(lane, experiment, parts)
}
