import { type ParameterOf, POLICY_PARAMETERS } from '../../contract/index.ts'
import type { PolicyEntry } from './policy.ts'

export const idleAge: PolicyEntry<ParameterOf<'idle-age'>> = {
  name: 'idle-age',
  title: 'Idle age',
  rule: 'zpages that have not been loaded for longer than an age are written back, whether memory is short or not',
  source: "zram's idle writeback; 120 s is the age at which Google's far memory calls a page cold",
  parameters: POLICY_PARAMETERS['idle-age'],
  create: ({ age, batch }) => ({
    unit: 'zpage',
    onTick(view) {
      const before = view.now - age * 1e9
      let count = 0
      for (let zpage = view.oldest(); zpage >= 0 && count < batch; zpage = view.younger(zpage)) {
        if (view.storedAt(zpage) > before) break
        count++
      }
      return count
    },
  }),
}
