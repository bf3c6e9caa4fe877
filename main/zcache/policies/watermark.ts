import { type ParameterOf, POLICY_PARAMETERS } from '../../contract/index.ts'
import type { PolicyEntry, PolicyView } from './policy.ts'

/**
 * The worker of today's zswap: woken by a refused store, it works until the pool is down at the accept threshold. A store is refused before anything is done for
 * it: at the limit even where its zpage would have found room beside others, and from then on until the worker is done.
 */
export const watermark: PolicyEntry<ParameterOf<'watermark'>> = {
  name: 'watermark',
  title: 'Watermark with hysteresis',
  rule: 'a full pool refuses stores until it has fallen to the accept threshold; a worker writes back the oldest zpages meanwhile',
  source: 'zswap since 5.x: max_pool_percent, accept_threshold_percent 90',
  parameters: POLICY_PARAMETERS.watermark,
  create({ accept, batch }) {
    let full = false
    // The kernel's pool is full beyond its limit, this one at it: down at the limit is a frame below it here.
    const isDown = (view: PolicyView) => view.poolFrames <= Math.min(view.poolLimit * accept, view.poolLimit - 1)
    const isFull = () => {
      full = true
      return 0
    }
    const victims = (view: PolicyView) => (full && !isDown(view) ? batch : 0)
    return {
      unit: 'zpage',
      onLimit: isFull,
      onFull: isFull,
      accepts(view) {
        if (full && isDown(view)) full = false
        return !full
      },
      onReclaim: victims,
      onTick: victims,
    }
  },
}
