/** Misses beyond hits after which a file is taken for one that is read at random. */
const LOTS_OF_MISSES = 100
const MOST_MISSES = 10 * LOTS_OF_MISSES

/**
 * How much of a mapped file a fault reads: a window around its page, until faults that find nothing outnumber by far those that find what was
 * read ahead. Source: do_sync_mmap_readahead in mm/filemap.c; read_ahead_kb 128 is 32 pages.
 */
export class ReadAround {
  private readonly max: number
  private misses = 0

  /** @param max window, pages; 1 is off */
  constructor(max: number) {
    this.max = max
  }

  /** A fault found its page read ahead. */
  hit(): void {
    if (this.misses > 0) this.misses--
  }

  /** A fault found nothing: pages of the window, 1 for its page alone. */
  miss(): number {
    if (this.misses < MOST_MISSES) this.misses++
    return this.misses > LOTS_OF_MISSES ? 1 : this.max
  }
}
