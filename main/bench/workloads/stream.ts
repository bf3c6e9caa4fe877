/** What one access does: read a page, change it, or give it back (its content and its slot may go). */
export const READ = 0
export const WRITE = 1
export const FREE = 2
export type AccessOp = typeof READ | typeof WRITE | typeof FREE

/**
 * An endless sequence of accesses, one at a time: call next(), then look at `vpn` and `op`. Nothing is allocated after
 * construction. A page is never touched between a FREE and the next WRITE of it.
 */
export interface AccessStream {
  next(): void
  /** 0 .. pages-1. */
  vpn: number
  op: AccessOp
}

/** What every pattern needs to know. `operations`: accesses that will be asked for, warm-up included. */
export interface AccessShape {
  pages: number
  operations: number
  seed: number
}

/** One Random stream number for each use, so that patterns of one seed are independent of contents; 3 is the trial order's. */
export const ACCESS_RANDOM = 1
export const CONTENT_RANDOM = 2
export const CONTENT_BYTES_RANDOM = 4
