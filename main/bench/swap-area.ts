import { type ExperimentSpec, isPoolLane, type LaneSpec, PAGE_SIZE } from '../contract/index.ts'
import type { Clock } from '../mm/index.ts'
import { LogSwap, logBufferPages, logGeometry, logMetadataBytes, type SlotMap, type SwapIo } from '../swapfile/index.ts'
import type { ByteMover } from '../zcache/index.ts'
import type { Meters } from './measure/meters.ts'

/** The swap area of a trial where it is not the world's own: a log in front of that. */

/** Blocks of zpages a lane may have under way. */
function blocksOf(lane: LaneSpec): number {
  return isPoolLane(lane) && lane.writeback === 'on' && lane.writebackForm === 'zpage' ? lane.inflight : 0
}

/** What the layout costs a lane's RAM: bytes of its tables, and pages of its buffers. */
export function layoutMemory(
  lane: LaneSpec,
  { swapfile }: ExperimentSpec,
  slots: number,
): { metadataBytes: number; bufferPages: number } {
  if (swapfile.layout === 'slot') return { metadataBytes: 0, bufferPages: 0 }
  const geometry = logGeometry(slots, swapfile.overprovision)
  return { metadataBytes: logMetadataBytes(slots, geometry), bufferPages: logBufferPages(blocksOf(lane)) }
}

/**
 * A log with every slot free; null where the layout is another.
 * @param buffers first of the pages of the world's arena that layoutMemory asked for
 */
export function openLog(
  lane: LaneSpec,
  { swapfile }: ExperimentSpec,
  world: { io: SwapIo; arena: Uint8Array; mover: ByteMover; clock: Clock },
  parts: { slots: SlotMap; buffers: number; meters: Meters },
): LogSwap | null {
  if (swapfile.layout === 'slot') return null
  const { slots, buffers, meters } = parts
  return new LogSwap(world.io, {
    slots: slots.slots,
    geometry: logGeometry(slots.slots, swapfile.overprovision),
    arena: world.arena,
    buffers,
    blocks: blocksOf(lane),
    move: (to, from, bytes) => world.mover.move(to, from, bytes),
    generations: slots.generation,
    now: () => world.clock.now(),
    onCleaned: (ns) => meters.logClean.record(ns),
  })
}

/** How large the swap file is, and why. */
export function layoutNote({ swapfile }: ExperimentSpec, slots: number): string[] {
  if (swapfile.layout === 'slot') return []
  const { places, segments, segmentPlaces } = logGeometry(slots, swapfile.overprovision)
  return [
    `log: ${slots} slots on ${places} places, ${Math.ceil((places * PAGE_SIZE) / 2 ** 20)} MiB in ${segments} segments of ${segmentPlaces} pages`,
  ]
}
