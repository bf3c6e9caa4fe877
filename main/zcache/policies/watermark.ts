import { type ParameterOf, POLICY_PARAMETERS } from '../../contract/index.ts'
import type { PolicyEntry } from './policy.ts'

/** The worker of today's zswap: woken by a refused store, it works until the pool is under the accept threshold. */
export const watermark: PolicyEntry<ParameterOf<'watermark'>> = {
  name: 'watermark',
  title: 'Watermark with hysteresis',
  rule: 'a full pool refuses stores until it has fallen below the accept threshold; a worker writes back the oldest zpages meanwhile',
  source: 'zswap since 5.x: max_pool_percent, accept_threshold_percent 90',
  parameters: POLICY_PARAMETERS.watermark,
  create({ accept, batch }) {
    let full = false
    return {
      unit: 'zpage',
      onFull() {
        full = true
        return 0
      },
      admit(view) {
        if (full && view.poolFrames < view.poolLimit * accept) full = false
        return !full
      },
      onReclaim: (view) => (full && view.poolFrames >= view.poolLimit * accept ? batch : 0),
      onTick: (view) => (full && view.poolFrames >= view.poolLimit * accept ? batch : 0),
    }
  },
}
