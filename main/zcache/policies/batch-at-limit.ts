import type { PolicyEntry } from './policy.ts'

export const batchAtLimit: PolicyEntry = {
  name: 'batch-at-limit',
  title: 'Batch at the limit',
  rule: 'a store that meets a full pool writes back the oldest zpages, a batch at once, and tries again',
  source: 'zswap v4 flush, 2013: batches of 16',
  parameters: [
    { name: 'batch', default: 16, min: 1, max: 4096, unit: 'zpages', meaning: 'written back for one store' },
  ],
  create: ({ batch }) => ({ unit: 'zpage', onFull: () => batch }),
}
