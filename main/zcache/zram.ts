import { PAGE_SIZE } from '../contract/index.ts'
import type { CoreMm } from '../mm/index.ts'
import { ALLOCATORS } from './allocators/index.ts'
import { classOf, sizeClasses } from './allocators/size-classes.ts'
import { ZSMALLOC_DEFAULT_CHAIN } from './allocators/zsmalloc.ts'
import { ZSMALLOC_HANDLE_BYTES } from './allocators/zspages.ts'
import { CompressedPool } from './compressed-pool.ts'
import type { ReleaseZpage } from './pool-index.ts'
import { type PoolParts, poolMetadataBytes, reserveFrames } from './pool-shape.ts'
import { SlotIndex } from './slot-index.ts'
import { type Recompressor, type ZramPasses, zramPasses } from './zram-passes.ts'

/**
 * zram as a swap device: a block device in RAM that keeps what is written to it until the slot is freed, so a load leaves the entry. It never evicts
 * by itself. A write fails where disksize or mem_limit is reached; the page then goes to the swap file, a second swap area of
 * lower priority. Its backing device is that swap file too: an entry that is written back lies at its own slot.
 * Source: drivers/block/zram and Documentation/admin-guide/blockdev/zram.rst.
 */

/** Pages being written back at once; the kernel's default writeback_batch_size. */
const INFLIGHT = 32

const CLASSES = sizeClasses(ZSMALLOC_DEFAULT_CHAIN)

export const ZRAM_RESERVE = reserveFrames(INFLIGHT)

/**
 * Larger zpages are kept as raw pages: with its handle such an object would fall into a class of one object a frame (zs_huge_class_size). 3624 bytes
 * with chains of 8 frames.
 */
export const ZRAM_MAX_ZPAGE_BYTES = largestShared() - ZSMALLOC_HANDLE_BYTES

function largestShared(): number {
  return Math.max(...CLASSES.size.filter((_, row) => CLASSES.huge[row] === 0))
}

/** Bytes of the object that a zpage is kept in. */
function roomOf(bytes: number): number {
  return CLASSES.size[classOf(CLASSES, bytes + ZSMALLOC_HANDLE_BYTES)]
}

export interface ZramOptions {
  frames: number
  slots: number
  /** Entries of the device at most. */
  disksize: number
  /** Frames of its pool at most. */
  memLimit: number
  /** Null: nothing is written back, and nothing recompressed. */
  passes: ZramPasses | null
  /** Entries of fewer bytes are not recompressed, and results of as many or more not kept; 0 is none. */
  recompressThreshold: number
}

/** Bytes of bookkeeping, and the page that recompression works on: charged to the lane's RAM. */
export function zramMetadataBytes(slots: number, memLimit: number, recompresses: boolean): number {
  const page = recompresses ? PAGE_SIZE : 0
  return SlotIndex.bytes(slots) + poolMetadataBytes(ALLOCATORS.zsmalloc, slots, memLimit) + page
}

/** A device of so many pages. */
class DeviceIndex extends SlotIndex {
  private readonly disksize: number
  private entries = 0

  constructor(slots: number, disksize: number, release: ReleaseZpage) {
    super(slots, release)
    this.disksize = disksize
  }

  override canPut(): boolean {
    return this.entries < this.disksize
  }

  override put(slot: number, zpage: number): void {
    if (this.get(slot) < 0) this.entries++
    super.put(slot, zpage)
  }

  override take(slot: number): number {
    const zpage = super.take(slot)
    if (zpage >= 0) this.entries--
    return zpage
  }
}

/** @throws RangeError where it is to recompress, and parts has no second codec */
export function openZram(core: CoreMm, options: ZramOptions, parts: PoolParts): CompressedPool {
  const { passes } = options
  const recompresses = (passes?.recompress ?? null) !== null
  // The passes are part of the pool that they recompress.
  const device: Recompressor = {
    isIncompressible: (zpage) => pool.recompression?.isIncompressible(zpage) ?? false,
    mayRecompress: (zpage) => pool.recompression?.mayTry(zpage) ?? false,
    recompress: (zpages) => pool.recompress(zpages),
  }
  const pool: CompressedPool = new CompressedPool(
    core,
    {
      allocator: ALLOCATORS.zsmalloc,
      createIndex: (slots, release) => new DeviceIndex(slots, options.disksize, release),
      maxZpageBytes: ZRAM_MAX_ZPAGE_BYTES,
      maxMeanZpageBytes: null,
      incompressible: 'raw',
      exclusiveGets: false,
      ...(recompresses && {
        recompress: { threshold: options.recompressThreshold, maxZpageBytes: ZRAM_MAX_ZPAGE_BYTES, roomOf },
      }),
    },
    {
      frames: options.frames,
      slots: options.slots,
      poolLimit: options.memLimit,
      inflight: INFLIGHT,
      full: 'bypass',
      budgetBytesPerDay: null,
      compaction: true,
    },
    parts,
    passes && { policy: zramPasses(passes, recompresses ? device : null), core },
  )
  return pool
}
