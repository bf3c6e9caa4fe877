import {
  type EngineLane,
  type ExperimentSpec,
  isKernelLane,
  isPoolLane,
  LabError,
  type LaneSpec,
  laneLabel,
  PAGE_SIZE,
} from '../../contract/index.ts'
import { knowsPolicy } from '../../zcache/index.ts'
import { slotsFor } from '../plan.ts'
import { layoutMemory } from '../swap-area.ts'
import { checkForeseeable } from '../workloads/index.ts'
import type { LaneEntry, LaneParts, LaneRun } from './lane.ts'
import { needsFuture } from './lane-policy.ts'
import { live } from './live.ts'
import { ramster } from './ramster.ts'
import { raw } from './raw.ts'
import { xenTmem } from './xen-tmem.ts'
import { zcache } from './zcache.ts'
import { zram } from './zram.ts'
import { zswap } from './zswap.ts'
import { zswap2013 } from './zswap-2013.ts'

export type { LaneCodec, LaneDecompressor, LaneEvent, LaneRun } from './lane.ts'
export { needsFuture } from './lane-policy.ts'

type LaneName = EngineLane['lane']
type LaneOf<N extends LaneName> = Extract<EngineLane, { lane: N }>

/** Every lane of the engine. To add one: its file, its row here, its schema in the contract. */
export const LANES: { [N in LaneName]: LaneEntry<LaneOf<N>> } = {
  raw,
  zcache,
  zswap,
  'zswap-2013': zswap2013,
  live,
  ramster,
  'xen-tmem': xenTmem,
  zram,
}

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

/** What a lane asks of the RAM: reserve (frames, part of the RAM), metadata (bytes, taken off it) and buffers (pages, taken off it too). */
export function laneMemory(
  choice: LaneSpec,
  experiment: ExperimentSpec,
  slots: number,
): { reserve: number; metadataBytes: number; bufferPages: number } {
  const lane = engineLane(choice)
  const entry = entryOf(lane)
  const layout = layoutMemory(lane, experiment, slots)
  return {
    reserve: entry.reserve(lane),
    metadataBytes: entry.metadataBytes(lane, experiment, slots) + layout.metadataBytes,
    bufferPages: layout.bufferPages,
  }
}

/** Frames a lane's pages and pool have at least, beside its reserve. */
const LEAST_FRAMES = 64

/** Frames of a lane, its reserve included: what metadata and buffers leave of the RAM. @throws LabError `bad_input` where that is too little */
export function laneFrames(lane: LaneSpec, experiment: ExperimentSpec, slots: number): number {
  const { reserve, metadataBytes, bufferPages } = laneMemory(lane, experiment, slots)
  const ram = experiment.memory.frames
  const metadata = Math.ceil(metadataBytes / PAGE_SIZE)
  const frames = ram - metadata - bufferPages
  if (frames - reserve >= LEAST_FRAMES) return frames
  const needed = metadata + bufferPages + reserve + LEAST_FRAMES
  throw new LabError({
    code: 'bad_input',
    message: `${laneLabel(lane)}: of ${ram} frames of RAM, ${metadata} are for metadata, ${reserve} in reserve and ${bufferPages} for buffers, which leaves too few for pages and pool (${LEAST_FRAMES} at least).`,
    field: 'memory.frames',
    remedy: `Give at least ${needed} frames of RAM (memory.frames), fewer pages (workload.pages), or fewer pages in flight.`,
  })
}

/** What a lane asks of the swap layer below it. */
export function laneSwapLayer(choice: LaneSpec, experiment: ExperimentSpec): { zeroMap: boolean; diskSwap: boolean } {
  const lane = engineLane(choice)
  const entry = entryOf(lane)
  return {
    zeroMap: entry.zeroMap?.(lane) ?? experiment.mm.zeroMap === 'on',
    diskSwap: entry.diskSwap?.(lane) ?? true,
  }
}

/**
 * The most pages that the RAM of a lane can hold in any form: as many of the pool's frames as are allowed full of as many zpages as the allocator ever puts into one, and
 * resident pages in all others, the reserve's too. null where there is no limit worth the name: zsmalloc puts up to 128 into a frame, and same-filled pages that are kept apart need none. Tables of the
 * lane's policy are not taken off.
 */
export function mostPages(lane: LaneSpec, experiment: ExperimentSpec, slots: number): number | null {
  const { frames, pool: limit } = experiment.memory
  const left = frames - Math.ceil(laneMemory(lane, experiment, slots).metadataBytes / PAGE_SIZE)
  if (laneSwapLayer(lane, experiment).zeroMap) return null
  const own = engineLane(lane)
  const perFrame = entryOf(own).pagesPerFrame(own)
  return perFrame === null ? null : left + Math.min(limit, left) * (perFrame - 1)
}

/**
 * Refuses, before anything is prepared, what the contract could not see. Lanes with a policy file that this process has not loaded are passed over.
 * @throws LabError `bad_input` naming the field, `unavailable`
 */
export function checkLanes(experiment: ExperimentSpec): void {
  for (const [index, lane] of experiment.lanes.entries()) {
    if (isKernelLane(lane) || (isPoolLane(lane) && !knowsPolicy(lane.policy))) continue
    try {
      if (needsFuture(lane)) checkForeseeable(experiment.workload.operations)
      entryOf(lane).check?.(lane)
    } catch (error) {
      if (!(error instanceof LabError)) throw error
      const { code, message, remedy, field } = error.toFault()
      throw new LabError(
        { code, message, remedy, field: field?.replace(/^lanes\./, `lanes.${index}.`) },
        { cause: error },
      )
    }
    laneFrames(lane, experiment, slotsFor(experiment))
  }
}

/** @throws LabError `codec_unavailable`, `bad_input` */
export function openLane(choice: LaneSpec, experiment: ExperimentSpec, parts: LaneParts): LaneRun {
  const lane = engineLane(choice)
  return entryOf(lane).open(lane, experiment, parts)
}
