import { type ParameterOf, POLICY_PARAMETERS } from '../../contract/index.ts'
import type { PolicyEntry } from './policy.ts'

export const idleDrip: PolicyEntry<ParameterOf<'idle-drip'>> = {
  name: 'idle-drip',
  title: 'Idle drip',
  rule: 'when no store was tried for a while, the oldest zpages are written back, a batch every interval, until a store comes',
  source: "Seth Jennings' periodic writeback for zswap (RFC), March 2013: 30 s, then 32 pages each second",
  parameters: POLICY_PARAMETERS['idle-drip'],
  create({ quiet, interval, batch }) {
    let stores = -1
    let nextDrip = 0
    return {
      unit: 'zpage',
      onTick(view) {
        const { now } = view
        // A refused store is pressure as well: in a full pool there is no other.
        if (view.stores + view.rejects !== stores) {
          stores = view.stores + view.rejects
          nextDrip = now + quiet * 1e9
        }
        if (now < nextDrip) return 0
        nextDrip = now + interval * 1e9
        return Math.min(batch, view.zpages)
      },
    }
  },
}
