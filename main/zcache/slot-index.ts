import { NO_ZPAGE, type PoolIndex, type ReleaseZpage } from './pool-index.ts'

/**
 * zswap's index: a descriptor for each slot of the swap area. The kernel's is an xarray for each swap type, whose nodes come and go;
 * this one has every row from the start, so that a store never fails for want of one.
 *
 * zpages  Int32  row = slot  NO_ZPAGE where it holds none
 */
export class SlotIndex implements PoolIndex {
  private readonly zpages: Int32Array
  private readonly release: ReleaseZpage

  constructor(slots: number, release: ReleaseZpage) {
    this.zpages = new Int32Array(slots).fill(NO_ZPAGE)
    this.release = release
  }

  /** Bytes of bookkeeping. */
  static bytes(slots: number): number {
    return slots * 4
  }

  canPut(): boolean {
    return true
  }
  put(slot: number, zpage: number): void {
    const old = this.zpages[slot]
    this.zpages[slot] = zpage
    if (old !== NO_ZPAGE) this.release(old)
  }
  get(slot: number): number {
    return this.zpages[slot]
  }
  take(slot: number): number {
    const zpage = this.zpages[slot]
    this.zpages[slot] = NO_ZPAGE
    return zpage
  }
  flush(slot: number): void {
    const zpage = this.take(slot)
    if (zpage !== NO_ZPAGE) this.release(zpage)
  }
  flushAll(): void {
    for (let slot = 0; slot < this.zpages.length; slot++) this.flush(slot)
  }
  counters(): Record<string, number> {
    return {}
  }
}
