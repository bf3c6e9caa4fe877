/** How a fault was answered. */
export const PATH_ZERO = 0 // first touch
export const PATH_POOL = 1
export const PATH_DISK = 2
export const PATH_SWAPCACHE = 3 // found in the swap cache, its write perhaps still under way
export const PATH_ZEROMAP = 4 // swapped out as a page of zeros
export const PATH_FILE = 5 // read from the mapped file
export const PATH_CLEANCACHE = 6
export const PATH_REMOTE = 7 // the backend's copy was on another machine
export type FaultPath =
  | typeof PATH_ZERO
  | typeof PATH_POOL
  | typeof PATH_DISK
  | typeof PATH_SWAPCACHE
  | typeof PATH_ZEROMAP
  | typeof PATH_FILE
  | typeof PATH_CLEANCACHE
  | typeof PATH_REMOTE
/** By path: its name in counters, meters and reports. File and cleancache only where part of the workload is file-backed. */
export const FAULT_PATHS = ['zero', 'pool', 'disk', 'swapcache', 'zeromap', 'file', 'cleancache', 'remote'] as const
