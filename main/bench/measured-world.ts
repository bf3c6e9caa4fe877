import { native } from '../../native-bench/index.ts'
import type { ExperimentSpec } from '../contract/index.ts'
import type { IoObserver, SwapIo } from '../swapfile/index.ts'
import { Contents } from './contents.ts'
import { openNativeCodec } from './lanes/native-codec.ts'
import type { OpenWorld } from './world.ts'

/** The event loop gets a turn this often, ns. */
const SLICE_NS = 50e6

export interface MeasuredParts {
  spec: ExperimentSpec
  /** Holds memory.frames + SCRATCH_PAGES pages. */
  arena: { id: number; bytes: Uint8Array }
  corpus: { arena: number; pages: number }
  /** A swap area with every slot free, reporting to the observer. */
  openSwap(observer: IoObserver): SwapIo
}

/** The host itself: its monotonic clock, a real swap area, real bytes through real codecs. */
export function measuredWorld(parts: MeasuredParts): OpenWorld {
  const { spec, arena, corpus, openSwap } = parts
  return (meters) => {
    let nextTurn = 0
    return {
      clock: { now: native.now },
      io: openSwap(meters),
      contents: new Contents(spec.workload.pages, spec.seed, arena.id, corpus),
      arena: arena.bytes,
      openCodec: (name, level) => openNativeCodec(name, level, arena, spec.memory.frames),
      recorders: (mm) => mm,
      hit: () => {},
      turnDue: (now) => now >= nextTurn,
      turnTaken: (now) => {
        nextTurn = now + SLICE_NS
      },
      usage: native.usage,
    }
  }
}
