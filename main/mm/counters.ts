import type { RepatriationCounters } from './repatriations.ts'

/** vmstat's names where the kernel has one. */
export interface MmCounters extends RepatriationCounters {
  pgfault: number
  faults_zero: number
  faults_pool: number
  /** Of a backend whose copy was on another machine; none of faults_pool. */
  faults_remote: number
  faults_disk: number
  faults_swapcache: number
  pswpin: number
  pswpout: number
  /** Pages of zeros that the zero map kept from being stored, and the faults it answered. */
  swpout_zero: number
  swpin_zero: number
  swap_ra: number
  swap_ra_hit: number
  /** Pages that stayed in RAM because the backend refused them and they may not go to disk. */
  swapout_kept: number
  pgscan: number
  pgsteal: number
  pgactivate: number
  pgdeactivate: number
  allocstall: number
  kswapd_steps: number
  /** Pages dropped without a write because their slot, or the backend, still held them. */
  clean_drops: number
  /** Clean pages that the backend took all the same, and the ones it gave up again without a write. */
  clean_stores: number
  clean_copies_dropped: number
  /** Pages that were written back from the pool and then faulted from disk. */
  refaults: number
  write_errors: number
  read_errors: number
}

export function newMmCounters(): MmCounters {
  return {
    pgfault: 0,
    faults_zero: 0,
    faults_pool: 0,
    faults_remote: 0,
    faults_disk: 0,
    faults_swapcache: 0,
    pswpin: 0,
    pswpout: 0,
    swpout_zero: 0,
    swpin_zero: 0,
    swap_ra: 0,
    swap_ra_hit: 0,
    swapout_kept: 0,
    pgscan: 0,
    pgsteal: 0,
    pgactivate: 0,
    pgdeactivate: 0,
    allocstall: 0,
    kswapd_steps: 0,
    clean_drops: 0,
    clean_stores: 0,
    clean_copies_dropped: 0,
    refaults: 0,
    repatriated_pages: 0,
    repatriated_ns: 0,
    repatriated_used: 0,
    repatriated_stored_again: 0,
    repatriated_wasted_bytes: 0,
    repatriated_wasted_ns: 0,
    write_errors: 0,
    read_errors: 0,
  }
}
