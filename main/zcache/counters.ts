/** zcache2's debugfs names; from age_inversions on, what it did not count. */
export interface PoolCounters {
  succ_pers_puts: number
  failed_pers_puts: number
  /** Loads by faults, by writeback and by repatriation. */
  pers_gets: number
  failed_get_free_pages: number
  failed_alloc: number
  /** Puts that were refused, and dropped the older copy, while the pool was frozen. */
  put_to_flush: number
  pers_nonactive_puts_ignored: number
  compress_poor: number
  mean_compress_poor: number
  pers_pageframes: number
  pers_pageframes_max: number
  pers_zpages: number
  pers_zpages_max: number
  pers_zbytes: number
  pers_zbytes_max: number
  pageframes_alloced: number
  pageframes_freed: number
  outstanding_writeback_pages: number
  writtenback_pages: number
  /** Stores refused because the pool was at its limit: the younger page goes to disk while older ones stay. */
  age_inversions: number
  /** Loads by faults; counted where there is a policy. */
  fault_loads: number
  /** Stores the policy refused although there was room. */
  policy_rejects: number
  /** Frames given back by writeback. */
  writeback_frames: number
  writeback_errors: number
  /** Of writtenback_pages, those written still compressed, and their compressed bytes. */
  writtenback_zpages: number
  writtenback_zpage_bytes: number
  /** Zpages given up before their write had ended. */
  writeback_discarded: number
  /** Of the loads, those of zpages whose write was under way. */
  staged_loads: number
  /** Reads of a block of zpages, and the zpages decompressed from them. */
  zpage_block_reads: number
  zpages_read_back: number
  /** Pages written back because a neighbour was (writebackCluster). */
  writeback_clustered: number
  writeback_skipped_swapcache: number
  writeback_skipped_gone: number
  writeback_skipped_no_frame: number
  writeback_skipped_cap: number
  writeback_skipped_budget: number
}

/** zcache2's debugfs names; succ_eph_puts and eph_gets are ours. */
export interface EphemeralCounters {
  succ_eph_puts: number
  failed_eph_puts: number
  eph_gets: number
  eph_nonactive_puts_ignored: number
  /** Puts that took the oldest ephemeral frame because no other was to be had, and those that found none there either. */
  eph_ate_tail: number
  eph_ate_tail_failed: number
  pers_ate_eph: number
  pers_ate_eph_failed: number
  evicted_eph_zpages: number
  evicted_eph_pageframes: number
  eph_pageframes: number
  eph_pageframes_max: number
  eph_zpages: number
  eph_zpages_max: number
  eph_zbytes: number
  eph_zbytes_max: number
  /** What the shrinker saw when it was last called. */
  last_active_file_pageframes: number
  last_inactive_file_pageframes: number
  last_active_anon_pageframes: number
  last_inactive_anon_pageframes: number
}

export function newEphemeralCounters(): EphemeralCounters {
  return {
    succ_eph_puts: 0,
    failed_eph_puts: 0,
    eph_gets: 0,
    eph_nonactive_puts_ignored: 0,
    eph_ate_tail: 0,
    eph_ate_tail_failed: 0,
    pers_ate_eph: 0,
    pers_ate_eph_failed: 0,
    evicted_eph_zpages: 0,
    evicted_eph_pageframes: 0,
    eph_pageframes: 0,
    eph_pageframes_max: 0,
    eph_zpages: 0,
    eph_zpages_max: 0,
    eph_zbytes: 0,
    eph_zbytes_max: 0,
    last_active_file_pageframes: 0,
    last_inactive_file_pageframes: 0,
    last_active_anon_pageframes: 0,
    last_inactive_anon_pageframes: 0,
  }
}

export function newCounters(): PoolCounters {
  return {
    succ_pers_puts: 0,
    failed_pers_puts: 0,
    pers_gets: 0,
    failed_get_free_pages: 0,
    failed_alloc: 0,
    put_to_flush: 0,
    pers_nonactive_puts_ignored: 0,
    compress_poor: 0,
    mean_compress_poor: 0,
    pers_pageframes: 0,
    pers_pageframes_max: 0,
    pers_zpages: 0,
    pers_zpages_max: 0,
    pers_zbytes: 0,
    pers_zbytes_max: 0,
    pageframes_alloced: 0,
    pageframes_freed: 0,
    outstanding_writeback_pages: 0,
    writtenback_pages: 0,
    age_inversions: 0,
    fault_loads: 0,
    policy_rejects: 0,
    writeback_frames: 0,
    writeback_errors: 0,
    writtenback_zpages: 0,
    writtenback_zpage_bytes: 0,
    writeback_discarded: 0,
    staged_loads: 0,
    zpage_block_reads: 0,
    zpages_read_back: 0,
    writeback_clustered: 0,
    writeback_skipped_swapcache: 0,
    writeback_skipped_gone: 0,
    writeback_skipped_no_frame: 0,
    writeback_skipped_cap: 0,
    writeback_skipped_budget: 0,
  }
}
