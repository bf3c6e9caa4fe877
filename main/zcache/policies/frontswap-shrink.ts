import { type ParameterOf, POLICY_PARAMETERS } from '../../contract/index.ts'
import { SelfShrinking } from '../self-shrinking.ts'
import type { PolicyEntry } from './policy.ts'

/**
 * The other answer to a pool that only grows: the frontend takes pages back instead of the backend pushing them out. It needs free
 * memory, so it helps when pressure is gone and not while there is any. mm counts what came of it: repatriated_pages, _used,
 * _stored_again (the ping-pong), _wasted_bytes and _wasted_ns.
 */
export const frontswapShrink: PolicyEntry<ParameterOf<'frontswap-shrink'>> = {
  name: 'frontswap-shrink',
  title: 'frontswap_shrink',
  rule: 'when the pool has not grown for some intervals, a share of its pages is brought back into memory every interval, as far as frames are free; nothing is written back',
  source: "frontswap_shrink as Xen's self-ballooning and RAMster drove it: 5 s, inertia 3, hysteresis 20",
  parameters: POLICY_PARAMETERS['frontswap-shrink'],
  create({ interval, inertia, share, byAge, window }) {
    const shrinking = new SelfShrinking({ intervalNs: interval * 1e9, inertia, hysteresis: 1 / share })
    return {
      unit: 'zpage',
      repatriateOrder: byAge >= 0.5 ? 'age' : 'slot',
      repatriateWindowNs: window * 1e9,
      victim: () => -1,
      repatriate: (view) => (share > 0 ? shrinking.due(view.now, view.zpages) : 0),
    }
  },
}
