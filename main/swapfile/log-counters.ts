export interface LogCounters {
  /** Pages of 4096 bytes written, whatever they hold; cleaning included. */
  log_written_pages: number
  /** Of them by cleaning. */
  log_cleaned_pages: number
  log_cleaned_segments: number
  /** Pages read, whatever for. */
  log_read_pages: number
  /** Of them by cleaning; dead ones between live ones are read with them. */
  log_clean_reads: number
  log_clean_errors: number
  /** Writes that failed because no segment could be cleaned. */
  log_full: number
  /** Blocks of zpages that became durable, their zpages, and the compressed bytes in them. */
  log_blocks: number
  log_block_zpages: number
  log_block_bytes: number
}

export function newLogCounters(): LogCounters {
  return {
    log_written_pages: 0,
    log_cleaned_pages: 0,
    log_cleaned_segments: 0,
    log_read_pages: 0,
    log_clean_reads: 0,
    log_clean_errors: 0,
    log_full: 0,
    log_blocks: 0,
    log_block_zpages: 0,
    log_block_bytes: 0,
  }
}
