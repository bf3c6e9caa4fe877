import type { Clock, CoreMm } from '../mm/index.ts'
import type { ZpageArea } from '../swapfile/index.ts'
import type { AllocatorEntry, ByteMover } from './allocators/index.ts'
import type { Decompressor, PageCodec } from './codec.ts'
import type { PoolCounters } from './counters.ts'
import type { EphemeralPool } from './ephemeral-pool.ts'
import type { Future, Policy } from './policies/index.ts'
import type { PoolIndex, ReleaseZpage } from './pool-index.ts'
import type { RecompressRule, SecondCodec } from './recompression.ts'
import type { PoolMeters } from './writeback.ts'
import { Zpages } from './zpages.ts'

/** What a compressed pool is made of: a shape, which is the backend's, options, which are the lane's, and parts, which are the world's; and what it costs. */

/** What makes a backend the one it is. */
export interface PoolShape {
  allocator: AllocatorEntry
  createIndex(slots: number, release: ReleaseZpage): PoolIndex
  /** Larger zpages are refused, or their pages kept raw; at most 4095, and what the allocator takes if that is less. */
  maxZpageBytes: number
  /** Above this a zpage is refused while the pool's mean is above it too; null is no gate. */
  maxMeanZpageBytes: number | null
  /** What becomes of a page above maxZpageBytes: refused, or kept as it is. raw needs an allocator that takes 4096 bytes. */
  incompressible: 'reject' | 'raw'
  /** Whether a load for a fault drops the zpage. */
  exclusiveGets: boolean
  /** Whether swap pages are taken at all. Default: yes. */
  frontswap?: boolean
  /** Whether what is taken from swap goes to disk too. Default: no. */
  writethrough?: boolean
  /** Only pages that were on an active list are taken. Default: any. */
  activeOnly?: boolean
  /** When a second codec's result is kept (PoolParts.second); needs an allocator that compacts, and no blocks of zpages. Default: there is none. */
  recompress?: RecompressRule
  /** Whether oldestSlot() or younger() is asked of a pool without writeback. Default: no. */
  oldestAsked?: boolean
  /** The half that keeps clean pages of files. Default: none. */
  createEphemeral?(shared: PoolCounters): EphemeralPool
}

/** What a pool without writeback needs: where its frames come from, and what it may ask of a page. */
export type PoolCore = Pick<CoreMm, 'allocFrame' | 'nextFrame' | 'freeFrame' | 'wasActive'>

export interface PoolOptions {
  /** Frames of the arena. */
  frames: number
  slots: number
  /** Most frames of the pool. */
  poolLimit: number
  /** null: writeback is off, a full pool refuses. */
  policy: Policy | null
  /** Most pages being written back at once. */
  inflight: number
  /** What a store does when the pool is full and the policy gave no room: go to disk, or wait for writeback. */
  full: 'bypass' | 'wait'
  /** Most bytes written back, as an average since the trial's start; null is no limit. */
  budgetBytesPerDay: number | null
  /** Pages of neighbouring slots that are written back together, at most. Default 1: each alone. */
  cluster?: number
  /** Whether writeback is followed by compaction, where the allocator gives frames back no other way. */
  compaction: boolean
  /** For a policy that needs it. */
  future?: Future
}

export interface PoolParts {
  codec: PageCodec
  /** Where the shape recompresses. */
  second?: SecondCodec
  /** Bytes of the frames, 4-byte aligned; null where they have none, as in a simulation. */
  arena: Uint8Array | null
  mover: ByteMover
  /** Byte offset of a page of the arena outside every frame, where straddling objects are read. */
  bounce: number
  /** Generation of each slot, bumped when it is freed (SlotMap.generation). */
  generations: Uint32Array
  clock: Clock
  meters: PoolMeters
  /** Where zpages are written back as they are. Default: pages are written back. */
  zpageArea?: ZpageArea | null
  /** With the same codec; decompresses what is written back many at a time. Default: the engine does it itself. */
  decompressor?: Decompressor | null
}

/** Frames a lane with writeback keeps aside: two for every page under way, so that a victim frame finds one for each zpage. */
export function reserveFrames(inflight: number): number {
  return 2 * inflight
}

/**
 * The same where zpages are written as they are: the blocks they are staged in are the area's own.
 * @param large there may be zpages that fit no block, which are written back as pages
 */
export function zpageReserveFrames(inflight: number, large: boolean): number {
  return large ? inflight : 0
}

/** Bytes of bookkeeping beside the index: zpages, frames, frontswap's map. Charged to the lane's RAM. */
export function poolMetadataBytes(allocator: AllocatorEntry, slots: number, poolLimit: number): number {
  const frontswapMap = Math.ceil(slots / 8)
  const zpages = Zpages.bytes(allocator.descriptors(poolLimit, slots))
  return allocator.metadataBytes(poolLimit, slots) + zpages + frontswapMap
}
