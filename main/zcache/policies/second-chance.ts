import { type ParameterOf, POLICY_PARAMETERS } from '../../contract/index.ts'
import { zpagesWanted } from './headroom.ts'
import type { PolicyEntry } from './policy.ts'

/**
 * What counts as a reference: the store, and nothing else. Loads are exclusive (unless the lane says otherwise), so a zpage that is used is gone and cannot be
 * found referenced. The second chance is therefore one more round of the list: a zpage leaves only after it stayed unused between
 * two scans, whatever its age. Zpages rotated by a scan stand behind younger ones, so the order is no longer that of the stores.
 */
export const secondChance: PolicyEntry<ParameterOf<'second-chance'>> = {
  name: 'second-chance',
  title: 'Second chance',
  rule: 'as lru-zpage, but a zpage that a scan meets for the first time is marked and goes round once more; met again it is written back',
  source: 'zswap since 6.12: the referenced bit of its shrinker',
  parameters: POLICY_PARAMETERS['second-chance'],
  create: ({ headroom, scan }) => ({
    unit: 'zpage',
    onReclaim: (view) => zpagesWanted(view, headroom),
    victim(view) {
      for (let left = scan; left > 0; left--) {
        const zpage = view.oldest()
        if (zpage < 0 || view.mark(zpage)) return zpage
        view.setMark(zpage, true)
        view.rotate(zpage)
      }
      return -1
    },
  }),
}
