export type { PageCodec } from './codec.ts'
export { POLICIES, type Policy, type PolicyEntry, type PoolView } from './policies/index.ts'
export {
  MAX_MEAN_ZPAGE_BYTES,
  MAX_ZPAGE_BYTES,
  reserveFrames,
  Zcache,
  type ZcacheCounters,
  type ZcacheMeters,
  type ZcacheOptions,
  zcacheMetadataBytes,
} from './zcache.ts'
