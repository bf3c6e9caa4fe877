import type { PolicyEntry } from './policy.ts'

/**
 * The target of zcache's shrinker as it was meant: compressed frames should not outnumber uncompressed pages. As shipped it looked
 * only while the kernel reclaimed, and knew no pool limit: a pool that is full below the balance refuses stores.
 */
export const lruBalance: PolicyEntry = {
  name: 'lru-balance',
  title: 'LRU balance',
  rule: 'when reclaim finds more pool frames than resident pages on both lists, as many of the oldest frames are written back as are over',
  source: "zcache with writeback (drivers/staging/zcache), 2013: the shrinker's step for persistent frames",
  parameters: [
    {
      name: 'ratio',
      default: 1,
      min: 0.05,
      max: 16,
      unit: 'frames',
      meaning: 'of the pool for one resident page',
    },
  ],
  create: ({ ratio }) => ({
    unit: 'frame',
    onReclaim: (view) => Math.max(0, view.poolFrames - Math.floor(ratio * (view.activePages + view.inactivePages))),
  }),
}
