export {
  ALLOCATORS,
  type Allocator,
  arenaMover,
  type ByteMover,
} from './allocators/index.ts'
export type { Decompressor, PageCodec } from './codec.ts'
export { CompressedPool } from './compressed-pool.ts'
export {
  type Future,
  POLICIES,
  type Policy,
  policyParameters,
  withShrinker,
} from './policies/index.ts'
export { newPolicyText } from './policies/new-policy.ts'
export { PositionSet } from './policies/position-set.ts'
export {
  checkPolicyFiles,
  type HookCall,
  hookCall,
  knowsPolicy,
  loadPolicies,
  policyEntry,
  policyFileDigest,
  policyFileNotes,
} from './policies/user-policy.ts'
export { type PoolOptions, type PoolParts, reserveFrames, zpageReserveFrames } from './pool-shape.ts'
export { Ramster, type RamsterOptions } from './ramster.ts'
export { ramsterMetadataBytes } from './remote-copies.ts'
export { SameFilled } from './same-filled.ts'
export type { PoolMeters } from './writeback.ts'
export { type SelfBalloon, XenTmem, type XenTmemOptions, xenTmemMetadataBytes } from './xen-tmem.ts'
export {
  MAX_MEAN_ZPAGE_BYTES,
  MAX_ZPAGE_BYTES,
  openZcache,
  type ZcacheOptions,
  zcacheMetadataBytes,
} from './zcache.ts'
export { openZram, ZRAM_MAX_ZPAGE_BYTES, ZRAM_RESERVE, type ZramOptions, zramMetadataBytes } from './zram.ts'
export type { ZramPasses, ZramWriteback } from './zram-passes.ts'
export { MAX_ZSWAP_ZPAGE_BYTES, openZswap, zswapMetadataBytes } from './zswap.ts'
export {
  openZswap2013,
  ZSWAP_2013_RESERVE,
  type Zswap2013Form,
  zswap2013MetadataBytes,
  zswap2013Rule,
} from './zswap-2013.ts'
