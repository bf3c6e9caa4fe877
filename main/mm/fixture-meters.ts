import { FAULT_PATHS } from './fault-path.ts'
import type { MmMeters } from './memory.ts'
import type { Recorder } from './recorder.ts'

export const silent: Recorder = { record: () => {} }

/** For tests that measure nothing. */
export const silentMeters: MmMeters = {
  store: silent,
  reject: silent,
  load: silent,
  take: silent,
  cleancachePut: silent,
  cleancacheGet: silent,
  faults: FAULT_PATHS.map(() => silent),
  refaultTime: silent,
  refaultDistance: silent,
  directReclaim: silent,
  backgroundReclaim: silent,
}
