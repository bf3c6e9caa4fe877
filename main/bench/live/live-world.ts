import type { LiveLane } from '../../contract/index.ts'
import type { OpenWorld } from '../world.ts'
import type { LiveParts } from './live-memory.ts'
import { openLive } from './workload.ts'

/** A measured world whose workload is real memory. What mm itself takes for a fault is a part of it there, with a name of its own. */
export function liveWorld(openWorld: OpenWorld, lane: LiveLane, parts: Omit<LiveParts, 'threads'>): OpenWorld {
  return (meters) => {
    const live = openLive(lane, parts, meters)
    const engine = meters.of('fault.engine.ns')
    return {
      ...openWorld(meters),
      live,
      contents: live.memory,
      recorders: (mm) => ({ ...mm, faults: mm.faults.map(() => engine) }),
    }
  }
}

/** What differs from the lanes on mm's frames, for whoever compares them. */
export function liveNotes(lane: LiveLane): string[] {
  const { mode, threads } = lane
  return [
    `real memory, faults by userfaultfd (USER_MODE_ONLY), mode ${mode}, ${threads} touching ${threads === 1 ? 'thread' : 'threads'}`,
    'a fault is timed from the touch to its end, with exception, copy and mapping, which other lanes of the engine do not have: fault.null.ns is the same way with nothing behind it, fault.engine.ns the part that mm takes',
    'the engine sees faults and writes only: pages that are read, and not written, leave in the order they came',
    'a mapped page has a copy in its frame: the process holds up to memory.frames pages more than the limit, the workload does not',
    'the clock is read once before every access, and accesses.per_s holds it',
  ]
}
