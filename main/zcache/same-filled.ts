import type { Backend, SamePages } from '../mm/index.ts'
import type { CompressedPool } from './compressed-pool.ts'

/**
 * zswap's same-filled pages (Linux 4.16 to 6.11): a page of one repeated word is an entry of length 0, without room in the pool and never on
 * its LRU, so nothing writes it back. Stands before a pool, which sees all other pages; zswap refuses these too while it is full.
 *
 * held Uint8  row = slot  1: the word is here, and the pool holds nothing for the slot
 */
export class SameFilled implements Backend {
  readonly exclusive: boolean
  /** Entries now, and all that were ever taken and given back to a fault. */
  readonly counters = { same_filled_pages: 0, same_filled_stores: 0, same_filled_loads: 0 }
  private readonly held: Uint8Array
  private readonly pages: SamePages
  private readonly pool: Backend
  /** Null where such a page is always taken, as by zram. */
  private readonly limit: Pick<CompressedPool, 'refuses'> | null

  constructor(pool: Backend, pages: SamePages, slots: number, limit: SameFilled['limit'] = null) {
    this.pool = pool
    this.limit = limit
    this.exclusive = pool.exclusive ?? true
    this.pages = pages
    this.held = new Uint8Array(slots)
  }

  /** Bytes of bookkeeping: a word and a byte for each slot. */
  static bytes(slots: number): number {
    return slots * (8 + 1)
  }

  store(slot: number, frame: number): boolean {
    if (!this.pages.keep(slot, frame)) {
      this.drop(slot)
      return this.pool.store(slot, frame)
    }
    this.drop(slot)
    if (this.limit?.refuses(slot)) return false
    this.pool.invalidatePage(slot)
    this.held[slot] = 1
    this.counters.same_filled_pages++
    this.counters.same_filled_stores++
    return true
  }

  load(slot: number, frame: number, take: boolean): boolean {
    if (this.held[slot] === 0) return this.pool.load(slot, frame, take)
    this.pages.restore(slot, frame)
    if (take) this.drop(slot)
    this.counters.same_filled_loads++
    return true
  }

  invalidatePage(slot: number): void {
    this.drop(slot)
    this.pool.invalidatePage(slot)
  }

  invalidateArea(): void {
    this.held.fill(0)
    this.counters.same_filled_pages = 0
    this.pool.invalidateArea()
  }

  shrink(target: number): number {
    return this.pool.shrink(target)
  }

  tick(now: number): void {
    this.pool.tick(now)
  }

  diskFault(slot: number, pages: number): void {
    this.pool.diskFault?.(slot, pages)
  }

  wantsClean(slot: number): boolean {
    return this.pool.wantsClean?.(slot) ?? false
  }

  writebackDone(slot: number, frame: number, ok: boolean): void {
    this.pool.writebackDone(slot, frame, ok)
  }

  readBack(slot: number, along: Int32Array): number {
    return this.pool.readBack?.(slot, along) ?? 0
  }

  fillReadBack(slot: number, frame: number): void {
    this.pool.fillReadBack?.(slot, frame)
  }

  /** What is wrong with the books, in sentences. */
  audit(): string[] {
    let held = 0
    for (const mark of this.held) held += mark
    const { same_filled_pages: counted } = this.counters
    return held === counted ? [] : [`${held} same-filled pages are held, ${counted} were counted`]
  }

  private drop(slot: number): void {
    this.counters.same_filled_pages -= this.held[slot]
    this.held[slot] = 0
  }
}
