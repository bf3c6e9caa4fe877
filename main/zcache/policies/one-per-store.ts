import type { PolicyEntry } from './policy.ts'

export const onePerStore: PolicyEntry = {
  name: 'one-per-store',
  title: 'One frame per store',
  rule: 'a store that meets a full pool writes back the oldest frame itself, and tries again',
  source: 'zswap as merged in 3.11',
  parameters: [],
  create: () => ({ unit: 'frame', onFull: () => 1 }),
}
