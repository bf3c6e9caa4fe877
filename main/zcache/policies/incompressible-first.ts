import { type ParameterOf, POLICY_PARAMETERS } from '../../contract/index.ts'
import { zpagesWanted } from './headroom.ts'
import type { PolicyEntry } from './policy.ts'

export const incompressibleFirst: PolicyEntry<ParameterOf<'incompressible-first'>> = {
  name: 'incompressible-first',
  title: 'Incompressible first',
  rule: 'when reclaim finds less than the headroom left, the largest zpage among the oldest is written back, again and again, until twice the headroom is left',
  source: "zram's huge and huge_idle writeback",
  parameters: POLICY_PARAMETERS['incompressible-first'],
  create: ({ headroom, scan }) => ({
    unit: 'zpage',
    onReclaim: (view) => zpagesWanted(view, headroom),
    victim(view) {
      let worst = -1
      let bytes = 0
      let left = scan
      for (let zpage = view.oldest(); zpage >= 0 && left-- > 0; zpage = view.younger(zpage))
        if (view.bytesOf(zpage) > bytes) {
          worst = zpage
          bytes = view.bytesOf(zpage)
        }
      return worst
    },
  }),
}
