import type { PoolIndex, ReleaseZpage } from './pool-index.ts'
import type { Tmem } from './tmem.ts'

/** zcache's index: one persistent tmem pool. Slots are spread over 256 objects (SWIZ_BITS): a bound on the length of one flush. */

const SWIZZLE_BITS = 8
const SWIZZLE_MASK = (1 << SWIZZLE_BITS) - 1

/** Slack for one put. */
const SPARE_NODES = 16

/** Radix nodes of an object with any indices below `indices`: a leaf for each 64, and inner nodes. */
function nodesOfObject(indices: number): number {
  const leaves = Math.ceil(indices / 64)
  return leaves <= 1 ? leaves : leaves + Math.ceil(leaves / 63) + 2
}

/** Radix nodes for any set of `slots` slots and of `filePages` pages of one file. */
export function tmemNodes(slots: number, filePages: number): number {
  const objects = SWIZZLE_MASK + 1
  return objects * nodesOfObject(Math.ceil(slots / objects)) + nodesOfObject(filePages) + SPARE_NODES
}

/** Its misses are tmem's TMEM_MISS, which is NO_ZPAGE. */
export class TmemIndex implements PoolIndex {
  private readonly tmem: Tmem
  private readonly pool: number

  /** Makes a persistent pool of its own. */
  constructor(tmem: Tmem, release: ReleaseZpage) {
    this.tmem = tmem
    this.pool = tmem.newPool('persistent', SWIZZLE_MASK + 1, release)
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
