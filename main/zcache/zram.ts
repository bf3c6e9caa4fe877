import type { CoreMm } from '../mm/index.ts'
import { ALLOCATORS } from './allocators/index.ts'
import { sizeClasses } from './allocators/size-classes.ts'
import { ZSMALLOC_DEFAULT_CHAIN, ZSMALLOC_HANDLE_BYTES } from './allocators/zsmalloc.ts'
import { CompressedPool, type PoolParts, poolMetadataBytes, reserveFrames } from './compressed-pool.ts'
import type { Policy, PolicyView } from './policies/index.ts'
import type { ReleaseZpage } from './pool-index.ts'
import { SlotIndex } from './slot-index.ts'

/**
 * zram as a swap device: a block device in RAM that keeps what is written to it until the slot is freed, so a load leaves the entry. It never evicts
 * by itself. A write fails where disksize or mem_limit is reached; the page then goes to the swap file, a second swap area of
 * lower priority. Its backing device is that swap file too: an entry that is written back lies at its own slot.
 * Source: drivers/block/zram and Documentation/admin-guide/blockdev/zram.rst.
 */

const PAGE_BYTES = 4096
/** Pages being written back at once; the kernel's default writeback_batch_size. */
const INFLIGHT = 32
/** Looked for a victim at one tick. */
const BATCH = 32

export const ZRAM_RESERVE = reserveFrames(INFLIGHT)

/**
 * Larger zpages are kept as raw pages: with its handle such an object would fall into a class of one object a frame (zs_huge_class_size). 3624 bytes
 * with chains of 8 frames.
 */
export const ZRAM_MAX_ZPAGE_BYTES = largestShared() - ZSMALLOC_HANDLE_BYTES

function largestShared(): number {
  const { huge, size } = sizeClasses(ZSMALLOC_DEFAULT_CHAIN)
  return Math.max(...size.filter((_, row) => huge[row] === 0))
}

/** Which entries are written back: huge is kept raw; idle was not used for an age. */
export type ZramWriteback = 'huge' | 'idle' | 'huge_idle'

export interface ZramOptions {
  frames: number
  slots: number
  /** Entries of the device at most. */
  disksize: number
  /** Frames of its pool at most. */
  memLimit: number
  writeback: Policy | null
}

/** Bytes of bookkeeping: charged to the lane's RAM. */
export function zramMetadataBytes(slots: number, memLimit: number): number {
  return SlotIndex.bytes(slots) + poolMetadataBytes(ALLOCATORS.zsmalloc, slots, memLimit)
}

/**
 * What an administrator's script does every age: "echo TYPE > writeback", then "echo all > idle". An entry is idle from then on until it is used.
 * @param limit pages at most in all (writeback_limit); null is no limit
 */
export function zramWriteback(type: ZramWriteback, options: { ageNs: number; limit: number | null }): Policy {
  const limit = options.limit ?? Number.POSITIVE_INFINITY
  let nextPass = Number.NaN
  /** What the pass found, still to be written; the last is next. */
  let found: number[] = []
  const wanted = (view: PolicyView, zpage: number) =>
    (type === 'idle' || view.bytesOf(zpage) === PAGE_BYTES) && (type === 'huge' || view.mark(zpage))
  const left = (view: PolicyView) => limit - view.writtenBack - view.outstanding
  const pass = (view: PolicyView) => {
    found = []
    for (let zpage = view.oldest(); zpage >= 0; zpage = view.younger(zpage)) {
      if (wanted(view, zpage)) found.push(zpage)
      view.setMark(zpage, true)
    }
    found.reverse()
  }
  return {
    unit: 'zpage',
    onTick(view) {
      if (Number.isNaN(nextPass)) nextPass = view.now + options.ageNs
      if (view.now >= nextPass) {
        pass(view)
        nextPass = view.now + options.ageNs
      }
      return Math.min(found.length, BATCH, Math.max(0, left(view)))
    },
    onLoad: (view, zpage) => view.setMark(zpage, false),
    victim(view) {
      for (;;) {
        const zpage = found.pop()
        if (zpage === undefined) return -1
        if (view.holds(zpage) && wanted(view, zpage)) return zpage
      }
    },
  }
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

export function openZram(core: CoreMm, options: ZramOptions, parts: PoolParts): CompressedPool {
  return new CompressedPool(
    core,
    {
      allocator: ALLOCATORS.zsmalloc,
      createIndex: (slots, release) => new DeviceIndex(slots, options.disksize, release),
      maxZpageBytes: ZRAM_MAX_ZPAGE_BYTES,
      maxMeanZpageBytes: null,
      incompressible: 'raw',
      exclusiveGets: false,
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
    options.writeback && { policy: options.writeback, core },
  )
}
