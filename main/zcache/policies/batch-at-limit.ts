import { type ParameterOf, POLICY_PARAMETERS } from '../../contract/index.ts'
import type { PolicyEntry } from './policy.ts'

export const batchAtLimit: PolicyEntry<ParameterOf<'batch-at-limit'>> = {
  name: 'batch-at-limit',
  title: 'Batch at the limit',
  rule: 'a store that meets a full pool writes back the oldest zpages, a batch at once, and tries again',
  source: 'zswap v4 flush, 2013: batches of 16',
  parameters: POLICY_PARAMETERS['batch-at-limit'],
  create: ({ batch }) => ({ unit: 'zpage', onFull: () => batch }),
}
