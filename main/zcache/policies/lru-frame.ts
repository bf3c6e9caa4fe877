import { type ParameterOf, POLICY_PARAMETERS } from '../../contract/index.ts'
import { framesWanted } from './headroom.ts'
import type { PolicyEntry } from './policy.ts'

/** zcache2's order. Headroom is kept so that stores find room and the brim is not reached one page at a time. */
export const lruFrame: PolicyEntry<ParameterOf<'lru-frame'>> = {
  name: 'lru-frame',
  title: 'LRU by frame',
  rule: 'when reclaim finds less than the headroom left under the limit, the frames with the oldest last store are written back, until twice the headroom is left',
  source: 'zcache2 (drivers/staging/zcache), February 2013: order and unit; the headroom is ours',
  parameters: POLICY_PARAMETERS['lru-frame'],
  create: ({ headroom }) => ({ unit: 'frame', onReclaim: (view) => framesWanted(view, headroom) }),
}
