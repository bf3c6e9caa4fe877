import { type ParameterOf, POLICY_PARAMETERS } from '../../contract/index.ts'
import { zpagesWanted } from './headroom.ts'
import type { PolicyEntry } from './policy.ts'

export const lruZpage: PolicyEntry<ParameterOf<'lru-zpage'>> = {
  name: 'lru-zpage',
  title: 'LRU by zpage',
  rule: 'as lru-frame, but the oldest zpages leave one by one, and a frame is freed when its last one has left',
  source: 'zswap v4 and its zsmalloc era',
  parameters: POLICY_PARAMETERS['lru-zpage'],
  create: ({ headroom }) => ({ unit: 'zpage', onReclaim: (view) => zpagesWanted(view, headroom) }),
}
