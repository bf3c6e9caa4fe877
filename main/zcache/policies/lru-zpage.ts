import type { PolicyEntry } from './policy.ts'

export const lruZpage: PolicyEntry = {
  name: 'lru-zpage',
  title: 'LRU by zpage',
  rule: 'as lru-frame, but the oldest zpages leave one by one, and a frame is freed when its last one has left',
  source: 'zswap v4 and its zsmalloc era',
  parameters: [
    {
      name: 'headroom',
      default: 1 / 32,
      min: 0,
      max: 0.25,
      unit: 'share',
      meaning: 'of the pool limit, at least 16 frames',
    },
  ],
  create: ({ headroom }) => ({
    unit: 'zpage',
    onReclaim(view) {
      const frames = Math.min(Math.max(16, Math.floor(view.poolLimit * headroom)), view.poolLimit >> 2)
      const left = view.poolLimit - view.poolFrames
      if (left >= frames || view.poolFrames === 0) return 0
      return Math.ceil(((2 * frames - left) * view.zpages) / view.poolFrames)
    },
  }),
}
