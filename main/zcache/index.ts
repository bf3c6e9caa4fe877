export type { PageCodec } from './codec.ts'
export type { ZcacheCounters } from './counters.ts'
export {
  POLICIES,
  type Policy,
  type PolicyEntry,
  type PolicyParameter,
  type PolicyView,
  policyParameters,
} from './policies/index.ts'
export { newPolicyText } from './policies/new-policy.ts'
export { loadPolicies, policyEntry } from './policies/user-policy.ts'
export type { ZcacheMeters } from './writeback.ts'
export {
  MAX_MEAN_ZPAGE_BYTES,
  MAX_ZPAGE_BYTES,
  reserveFrames,
  Zcache,
  type ZcacheOptions,
  zcacheMetadataBytes,
} from './zcache.ts'
