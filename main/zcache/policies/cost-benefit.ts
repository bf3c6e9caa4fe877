import { PAGE_SIZE, type ParameterOf, POLICY_PARAMETERS } from '../../contract/index.ts'
import { framesWanted } from './headroom.ts'
import type { PolicyEntry } from './policy.ts'

/** A frame as full as a page, so that sparse ones are preferred but none is infinitely so. */
const LEAST_FILL = 1 / 64

/**
 * A frame given back is the benefit, whatever was in it. It is the greater the longer the frame has been left alone (the age of its
 * younger zpage) and the fewer compressed bytes it keeps; its cost is one write for each zpage.
 */
export const costBenefit: PolicyEntry<ParameterOf<'cost-benefit'>> = {
  name: 'cost-benefit',
  title: 'Cost and benefit',
  rule: 'when reclaim finds less than the headroom left, the frame with the highest age ÷ fill ÷ pages to write among the oldest is written back; poorly compressed pages may be refused',
  source: 'ezswap: recency, density, eviction cost, a test before admission; the form of the score is ours',
  parameters: POLICY_PARAMETERS['cost-benefit'],
  create: ({ headroom, recency, density, scan, admit }) => ({
    unit: 'frame',
    admit: (_view, bytes) => bytes <= admit,
    onReclaim: (view) => framesWanted(view, headroom),
    victim(view) {
      const { now } = view
      let best = -1
      let bestScore = -1
      let left = scan
      for (let zpage = view.oldest(); zpage >= 0 && left-- > 0; zpage = view.younger(zpage)) {
        const other = view.neighbour(zpage)
        const last = other < 0 ? view.storedAt(zpage) : Math.max(view.storedAt(zpage), view.storedAt(other))
        const bytes = view.bytesOf(zpage) + (other < 0 ? 0 : view.bytesOf(other))
        const fill = Math.max(LEAST_FILL, bytes / PAGE_SIZE)
        const score = (now - last) ** recency / fill ** density / (other < 0 ? 1 : 2)
        if (score > bestScore) {
          best = zpage
          bestScore = score
        }
      }
      return best
    },
  }),
}
