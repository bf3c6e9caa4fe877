export type { Clock } from './clock.ts'
export {
  type Backend,
  type CoreMm,
  Frontswap,
  type FrontswapCounters,
  WRITEBACK_EXISTS,
  WRITEBACK_GONE,
  WRITEBACK_NO_FRAME,
} from './frontswap.ts'
export {
  FAULT_PATHS,
  type FaultPath,
  Mm,
  type MmCounters,
  type MmMeters,
  type MmOptions,
  PATH_DISK,
  PATH_POOL,
  PATH_SWAPCACHE,
  PATH_ZERO,
} from './memory.ts'
export type { Recorder } from './recorder.ts'
export { type Watermarks, watermarksFor } from './watermarks.ts'
