export type { AddressSpace } from './address-space.ts'
export {
  type Backend,
  type CoreMm,
  WRITEBACK_EXISTS,
  WRITEBACK_GONE,
  WRITEBACK_NO_FRAME,
} from './backend.ts'
export type { EphemeralBackend } from './cleancache.ts'
export type { Clock } from './clock.ts'
export {
  FAULT_PATHS,
  type FaultPath,
  PATH_CLEANCACHE,
  PATH_DISK,
  PATH_FILE,
  PATH_POOL,
  PATH_REMOTE,
  PATH_SWAPCACHE,
  PATH_ZERO,
} from './fault-path.ts'
export type { MappedFile } from './file-pages.ts'
export { FRAME_BACKEND_WRITE, FRAME_DIRTY } from './frames.ts'
export { Frontswap } from './frontswap.ts'
export { IDLE_CORE } from './idle-core.ts'
export { Mm, type MmMeters } from './memory.ts'
export type { Recorder } from './recorder.ts'
export type { SamePages, SameWords } from './same-pages.ts'
