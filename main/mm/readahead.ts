/**
 * How many places of the disk a fault reads: grows with hits on what was read ahead, falls to one on random access, and never
 * shrinks faster than by half (the behaviour of Linux's cluster readahead, page_cluster 3 = 8 pages at most).
 */
export class ReadaheadWindow {
  private readonly max: number
  private hits = 0
  private last = 1
  private lastPlace = -2

  /** @param max largest window, pages; 1 is off */
  constructor(max: number) {
    this.max = max
  }

  hit(): void {
    this.hits++
  }

  /**
   * Window for a fault on what lies at `place`, in pages, a power of two up to max.
   * @param shared several pages lie at one place, so that the next fault on the same place is one on a neighbour
   */
  next(place: number, shared = false): number {
    if (this.max === 1) return 1
    let pages: number
    if (this.hits === 0) {
      const adjacent =
        (shared && place === this.lastPlace) || place === this.lastPlace + 1 || place === this.lastPlace - 1
      pages = adjacent ? 2 : 1
    } else {
      pages = 4
      while (pages < this.hits + 2) pages *= 2
    }
    pages = Math.max(Math.min(pages, this.max), this.last >> 1)
    this.hits = 0
    this.last = pages
    this.lastPlace = place
    return pages
  }
}
