import type { PolicyEntry } from './policy.ts'

export const reject: PolicyEntry = {
  name: 'reject',
  title: 'Reject when full',
  rule: 'nothing is written back: a full pool refuses, and the new page goes to disk',
  source: 'zswap over zsmalloc before it could evict; zram',
  parameters: [],
  create: () => ({ unit: 'zpage' }),
}
