import { SelfShrinking } from '../self-shrinking.ts'
import type { PolicyEntry } from './policy.ts'

/**
 * The other answer to a pool that only grows: the frontend takes pages back instead of the backend pushing them out. It needs free
 * memory, so it helps when pressure is gone and not while there is any. mm counts what came of it: repatriated_pages, _used,
 * _stored_again (the ping-pong), _wasted_bytes and _wasted_ns.
 */
export const frontswapShrink: PolicyEntry = {
  name: 'frontswap-shrink',
  title: 'frontswap_shrink',
  rule: 'when the pool has not grown for some intervals, a share of its pages is brought back into memory every interval, as far as frames are free; nothing is written back',
  source: "frontswap_shrink as Xen's self-ballooning and RAMster drove it: 5 s, inertia 3, hysteresis 20",
  parameters: [
    { name: 'interval', default: 5, min: 0.001, max: 3600, unit: 's', meaning: 'between two looks' },
    {
      name: 'inertia',
      default: 3,
      min: 0,
      max: 1000,
      unit: 'count',
      meaning: 'looks without growth before the first shrink',
    },
    {
      name: 'share',
      default: 1 / 20,
      min: 0,
      max: 1,
      unit: 'share',
      meaning: 'of the zpages, each time; all where that is less than one',
    },
    {
      name: 'byAge',
      default: 0,
      min: 0,
      max: 1,
      unit: 'count',
      meaning: '0: in the order of the slots, as the kernel; 1: the oldest first',
    },
    {
      name: 'window',
      default: 5,
      min: 0.001,
      max: 3600,
      unit: 's',
      meaning: 'stored again within this, untouched, is ping-pong',
    },
  ],
  create({ interval, inertia, share, byAge, window }) {
    const shrinking = new SelfShrinking({ intervalNs: interval * 1e9, inertia, share })
    return {
      unit: 'zpage',
      repatriateOrder: byAge >= 0.5 ? 'age' : 'slot',
      repatriateWindowNs: window * 1e9,
      victim: () => -1,
      repatriate: (view) => shrinking.due(view.now, view.zpages),
    }
  },
}
