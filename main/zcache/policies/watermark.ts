import type { PolicyEntry } from './policy.ts'

/** The worker of today's zswap: woken by a refused store, it works until the pool is under the accept threshold. */
export const watermark: PolicyEntry = {
  name: 'watermark',
  title: 'Watermark with hysteresis',
  rule: 'a full pool refuses stores until it has fallen below the accept threshold; a worker writes back the oldest zpages meanwhile',
  source: 'zswap since 5.x: max_pool_percent, accept_threshold_percent 90',
  parameters: [
    {
      name: 'accept',
      default: 0.9,
      min: 0,
      max: 1,
      unit: 'share',
      meaning: 'of the limit, below which stores are taken again',
    },
    { name: 'batch', default: 32, min: 1, max: 4096, unit: 'zpages', meaning: 'a turn of the worker writes back' },
  ],
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
