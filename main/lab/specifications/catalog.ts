import { ALLOCATORS, kernelLaneFacts, LANES, POLICIES } from '../../bench/index.ts'
import {
  type AllocatorFacts,
  type CodecFacts,
  type LaneFacts,
  POOL_LANES,
  type PolicyFacts,
} from '../../contract/index.ts'

/** The lanes there are, the engine's and the kernel's. A lane that needs a codec is available where at least one codec is. */
export function laneFacts(codecs: readonly CodecFacts[]): LaneFacts[] {
  const usable = codecs.some((codec) => codec.available)
  const noCodec = 'no compression library was found; "swaplab codecs" says which to install'
  const engine = Object.values(LANES).map(({ name, title, description, needs, usesCodec, missing }) => {
    const reason = usesCodec && !usable ? noCodec : (missing?.() ?? null)
    return {
      lane: name,
      title,
      description,
      needs: ['a file system with direct I/O', ...needs],
      available: reason === null,
      reason,
    }
  })
  return [...engine, ...kernelLaneFacts()]
}

/** The allocators of compressed pages. */
export function allocatorFacts(): AllocatorFacts[] {
  return Object.values(ALLOCATORS).map((entry) => {
    const { name, title, description, source, maxZpageBytes } = entry
    const frameOnDemand = entry.gives === 'frame'
    const zpagesPerFrame = entry.gives === 'frame' ? entry.zpagesPerFrame : null
    return { allocator: name, title, description, source, maxZpageBytes, zpagesPerFrame, frameOnDemand }
  })
}

/** The writeback policies, with the lanes that take one. */
export function policyFacts(): PolicyFacts[] {
  return Object.values(POLICIES).map(({ name, title, rule, source, needs, parameters }) => ({
    policy: name,
    title,
    rule,
    source,
    needs:
      needs === 'future'
        ? ['the accesses still to come, drawn ahead of each trial; a bound, for no kernel has them']
        : [],
    parameters: [...parameters],
    lanes: [...POOL_LANES],
  }))
}
