import type { AllocatorName } from '../contract/index.ts'
import type { CoreMm } from '../mm/index.ts'
import { ALLOCATORS } from './allocators/index.ts'
import { CompressedPool } from './compressed-pool.ts'
import { type PoolOptions, type PoolParts, poolMetadataBytes } from './pool-shape.ts'
import { SlotIndex } from './slot-index.ts'

/**
 * zswap as it is today: a compressed pool found by slot, without gates on the size. What does not compress is kept raw, so that it
 * takes its turn in the order of ages instead of passing older pages on their way to disk.
 * Source: mm/zswap.c and Documentation/admin-guide/mm/zswap.rst, Linux 6.18, the first that keeps pages raw.
 */

/** Whatever is shorter than a page is compressed. */
export const MAX_ZSWAP_ZPAGE_BYTES = 4095

export interface ZswapOptions extends PoolOptions {
  allocator: AllocatorName
  /** raw counts only while there is a policy: without writeback such a page would take a frame for itself for nothing. */
  incompressible: 'reject' | 'raw'
}

/** Bytes of bookkeeping a zswap of this shape needs: charged to the lane's RAM. */
export function zswapMetadataBytes(allocator: AllocatorName, slots: number, poolLimit: number): number {
  return SlotIndex.bytes(slots) + poolMetadataBytes(ALLOCATORS[allocator], slots, poolLimit)
}

/** @throws RangeError where pages are to be kept raw by an allocator that does not take a whole page */
export function openZswap(core: CoreMm, options: ZswapOptions, parts: PoolParts): CompressedPool {
  return new CompressedPool(
    core,
    {
      allocator: ALLOCATORS[options.allocator],
      createIndex: (slots, release) => new SlotIndex(slots, release),
      maxZpageBytes: MAX_ZSWAP_ZPAGE_BYTES,
      maxMeanZpageBytes: null,
      incompressible: options.policy === null ? 'reject' : options.incompressible,
      exclusiveGets: true,
    },
    options,
    parts,
    options.policy && { policy: options.policy, core },
  )
}
