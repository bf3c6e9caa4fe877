import type { CoreMm } from '../mm/index.ts'
import { ALLOCATORS, type AllocatorName } from './allocators/index.ts'
import { CompressedPool, type PoolOptions, type PoolParts, poolMetadataBytes } from './compressed-pool.ts'
import { TmemIndex } from './tmem-index.ts'

/**
 * zcache: a compressed pool found through a persistent tmem pool, with two gates that keep pages out which would hardly save RAM.
 * Its own allocator is zcache2's zbud; the others show what another one would have given it.
 * Source: drivers/staging/zcache/zcache-main.c, February 2013.
 */

/** Larger zpages are refused: 7/8 of a page (zcache2 zbud_max_zsize). */
export const MAX_ZPAGE_BYTES = 3584
/** Above this, 5/8 of a page, a zpage is refused while the pool's mean is above it too (zcache2 zbud_max_mean_zsize). */
export const MAX_MEAN_ZPAGE_BYTES = 2560

export interface ZcacheOptions extends PoolOptions {
  allocator: AllocatorName
  /** Off: a page that was loaded is held twice, until the first write to it, and leaves RAM again without a store (nofrontswapexclusivegets). */
  exclusiveGets: boolean
}

/** Bytes of bookkeeping a zcache of this shape needs: charged to the lane's RAM. */
export function zcacheMetadataBytes(allocator: AllocatorName, slots: number, poolLimit: number): number {
  return TmemIndex.bytes(slots) + poolMetadataBytes(ALLOCATORS[allocator], slots, poolLimit)
}

export function openZcache(core: CoreMm, options: ZcacheOptions, parts: PoolParts): CompressedPool {
  return new CompressedPool(
    core,
    {
      allocator: ALLOCATORS[options.allocator],
      createIndex: (slots, release) => new TmemIndex(slots, release),
      maxZpageBytes: MAX_ZPAGE_BYTES,
      maxMeanZpageBytes: MAX_MEAN_ZPAGE_BYTES,
      incompressible: 'reject',
      exclusiveGets: options.exclusiveGets,
    },
    options,
    parts,
  )
}
