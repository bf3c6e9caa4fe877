import type { PoolIndex, ReleaseZpage } from './pool-index.ts'
import { Tmem } from './tmem.ts'

/** zcache's index: one persistent tmem pool. Slots are spread over 256 objects (SWIZ_BITS): a bound on the length of one flush. */

const SWIZZLE_BITS = 8
const SWIZZLE_MASK = (1 << SWIZZLE_BITS) - 1

/** Radix nodes for any set of `slots` slots: a leaf for each 64 indices of an object, inner nodes, and slack for one put. */
function nodesFor(slots: number): number {
  const perObject = Math.ceil(slots / (SWIZZLE_MASK + 1) / 64)
  const inner = perObject === 1 ? 0 : Math.ceil(perObject / 63) + 2
  return (SWIZZLE_MASK + 1) * (perObject + inner) + 16
}

/** Its misses are tmem's TMEM_MISS, which is NO_ZPAGE. */
export class TmemIndex implements PoolIndex {
  private readonly tmem: Tmem
  private readonly pool: number

  constructor(slots: number, release: ReleaseZpage) {
    this.tmem = new Tmem(nodesFor(slots), release)
    this.pool = this.tmem.newPool('persistent')
  }

  /** Bytes of bookkeeping. */
  static bytes(slots: number): number {
    return Tmem.bytes(nodesFor(slots))
  }

  canPut(): boolean {
    return this.tmem.canPut()
  }
  put(slot: number, zpage: number): void {
    this.tmem.put(this.pool, slot & SWIZZLE_MASK, slot >>> SWIZZLE_BITS, zpage)
  }
  get(slot: number): number {
    return this.tmem.get(this.pool, slot & SWIZZLE_MASK, slot >>> SWIZZLE_BITS)
  }
  take(slot: number): number {
    return this.tmem.take(this.pool, slot & SWIZZLE_MASK, slot >>> SWIZZLE_BITS)
  }
  flush(slot: number): void {
    this.tmem.flushPage(this.pool, slot & SWIZZLE_MASK, slot >>> SWIZZLE_BITS)
  }
  flushAll(): void {
    for (let oid = 0; oid <= SWIZZLE_MASK; oid++) this.tmem.flushObject(this.pool, oid)
  }
  counters(): Record<string, number> {
    return { ...this.tmem.counters }
  }
}
