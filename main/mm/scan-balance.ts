import {
  type InactiveList,
  LIST_ACTIVE_ANON,
  LIST_ACTIVE_FILE,
  LIST_INACTIVE_ANON,
  LIST_INACTIVE_FILE,
  type Lru,
} from './lru.ts'

/** vm.swappiness, Linux' default. */
const SWAPPINESS = 60
const ANON = 0
const FILE = 1

/**
 * How reclaim divides its scans between anonymous and file pages: each inactive list is scanned in proportion to its size, to its priority
 * (swappiness for anonymous, 200 - swappiness for file pages), and to how few of those scanned lately were found in use (Linux: get_scan_count() in
 * mm/vmscan.c, up to 3.7; later ones leave anonymous pages alone while there are many inactive file pages).
 */
export class ScanBalance {
  private readonly lru: Lru
  private readonly scanned = [0, 0]
  private readonly rotated = [0, 0]
  private anonShare = 0
  private credit = 0

  constructor(lru: Lru) {
    this.lru = lru
  }

  /** A pass begins. */
  begin(): void {
    const { lru } = this
    const anon = this.pressure(ANON, lru.size(LIST_INACTIVE_ANON), lru.size(LIST_ACTIVE_ANON), SWAPPINESS)
    const file = this.pressure(FILE, lru.size(LIST_INACTIVE_FILE), lru.size(LIST_ACTIVE_FILE), 200 - SWAPPINESS)
    this.anonShare = anon + file > 0 ? anon / (anon + file) : 1
  }

  /** The list to take the next page from. */
  next(): InactiveList {
    const { lru } = this
    if (lru.size(LIST_INACTIVE_FILE) === 0) return LIST_INACTIVE_ANON
    if (lru.size(LIST_INACTIVE_ANON) === 0) return LIST_INACTIVE_FILE
    this.credit += this.anonShare
    if (this.credit < 1) return LIST_INACTIVE_FILE
    this.credit--
    return LIST_INACTIVE_ANON
  }

  /** A page of this list was looked at; `used`: it went to the active list. */
  look(list: InactiveList, used: boolean): void {
    const kind = list === LIST_INACTIVE_ANON ? ANON : FILE
    this.scanned[kind]++
    if (used) this.rotated[kind]++
  }

  private pressure(kind: typeof ANON | typeof FILE, inactive: number, active: number, priority: number): number {
    // What happened long ago counts less: both are halved once a quarter of the pages was scanned.
    if (this.scanned[kind] > (inactive + active) / 4) {
      this.scanned[kind] /= 2
      this.rotated[kind] /= 2
    }
    return (inactive * priority * (this.scanned[kind] + 1)) / (this.rotated[kind] + 1)
  }
}
