import type { AllocatorName } from '../contract/index.ts'
import type { CoreMm } from '../mm/index.ts'
import { ALLOCATORS, type AllocatorEntry } from './allocators/index.ts'
import { CompressedPool } from './compressed-pool.ts'
import { EphemeralPool } from './ephemeral-pool.ts'
import { type PoolOptions, type PoolParts, poolMetadataBytes } from './pool-shape.ts'
import { Tmem } from './tmem.ts'
import { TmemIndex, tmemNodes } from './tmem-index.ts'

/**
 * zcache: a compressed pool found through a persistent tmem pool, with two gates that keep pages out which would hardly save RAM; and beside it, under
 * the same limit, an ephemeral one of clean file pages.
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
  /** Pages of the mapped file that cleancache may offer; 0, the default: none is taken (nocleancache, or no file). */
  filePages?: number
  /** Off: swap pages are not taken (nofrontswap). Default: on. */
  frontswap?: boolean
  /** Only pages that were on an active list are taken, of both kinds. Default: off. */
  activeOnly?: boolean
  /** What is taken from swap goes to disk as well, so that its copy here can be dropped at any time. Default: off. */
  writethrough?: boolean
  /** Whether the order of the stores is asked for without writeback. Default: no. */
  oldestAsked?: boolean
}

/** Of the ephemeral half: the same, or where that gives no frame back on demand zbud, as in zcache of 2011, whose persistent half was xvmalloc or zsmalloc. */
function ephemeralAllocator(persistent: AllocatorName): AllocatorEntry {
  const entry = ALLOCATORS[persistent]
  return entry.gives === 'frame' ? entry : ALLOCATORS.zbud
}

/** Bytes of bookkeeping a zcache of this shape needs: charged to the lane's RAM. */
export function zcacheMetadataBytes(
  allocator: AllocatorName,
  slots: number,
  poolLimit: number,
  filePages: number,
): number {
  const entry = ALLOCATORS[allocator]
  const ephemeral = filePages > 0 ? ephemeralAllocator(allocator).metadataBytes(poolLimit, filePages) : 0
  return Tmem.bytes(tmemNodes(slots, filePages)) + poolMetadataBytes(entry, slots, poolLimit) + ephemeral
}

export function openZcache(core: CoreMm, options: ZcacheOptions, parts: PoolParts): CompressedPool {
  const { filePages = 0, frontswap = true, activeOnly = false, writethrough = false, oldestAsked = false } = options
  const allocator = ALLOCATORS[options.allocator]
  const tmem = new Tmem(tmemNodes(options.slots, filePages))
  return new CompressedPool(
    core,
    {
      allocator,
      createIndex: (_slots, release) => new TmemIndex(tmem, release),
      maxZpageBytes: MAX_ZPAGE_BYTES,
      maxMeanZpageBytes: MAX_MEAN_ZPAGE_BYTES,
      incompressible: 'reject',
      exclusiveGets: options.exclusiveGets,
      frontswap,
      activeOnly,
      writethrough,
      oldestAsked,
      ...(filePages > 0 && {
        createEphemeral: (shared) =>
          new EphemeralPool(
            { frames: options.frames, poolLimit: options.poolLimit, pages: filePages, activeOnly },
            {
              core,
              tmem,
              allocator: ephemeralAllocator(options.allocator),
              codec: parts.codec,
              arena: parts.arena,
              mover: parts.mover,
              bounce: parts.bounce,
              shared,
            },
          ),
      }),
    },
    options,
    parts,
    options.policy && { policy: options.policy, core },
  )
}
