import type { PolicyEntry } from './policy.ts'

/** `reject` writes back where a full pool waits; this one never does. */
export const none: PolicyEntry = {
  name: 'none',
  title: 'None (bound)',
  rule: 'nothing is ever written back, not even where a full pool waits: what a pool without writeback can do at best',
  source: 'a bound: plain swap plus the pool',
  parameters: [],
  create: () => ({ unit: 'zpage', victim: () => -1 }),
}
