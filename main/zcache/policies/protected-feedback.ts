import { type ParameterOf, POLICY_PARAMETERS } from '../../contract/index.ts'
import { framesWanted, zpagesFor } from './headroom.ts'
import type { PolicyEntry } from './policy.ts'

/**
 * zswap's memory-pressure shrinker: a count of protected zpages rises with each store and each load, and halves when it passes a
 * share of the list, so that in a pool that turns over fast half to all of that share is shielded, in a still one nothing. What is
 * left is scaled by the compression (a dense pool has less to gain), and one zpage less is taken for each page that was faulted
 * from disk after it had been written back: each of those was a mistake.
 */
export const protectedFeedback: PolicyEntry<ParameterOf<'protected-feedback'>> = {
  name: 'protected-feedback',
  title: 'Protected size and feedback',
  rule: 'as lru-zpage, but a share of the youngest is shielded, and one zpage less is written back for each page faulted from disk since the last look',
  source: 'zswap 6.8 (protected size, compression scaling) and 6.12 (disk faults reduce pressure)',
  parameters: POLICY_PARAMETERS['protected-feedback'],
  create({ headroom, protect }) {
    let protectedZpages = 0
    let turnover = 0
    let refaults = 0
    let mistakes = 0
    return {
      unit: 'zpage',
      onReclaim(view) {
        const { zpages } = view
        protectedZpages += view.stores + view.loads - turnover
        turnover = view.stores + view.loads
        while (protectedZpages > protect * zpages) protectedZpages >>= 1
        mistakes += view.refaults - refaults
        refaults = view.refaults
        if (zpages === 0) return 0
        const freeable = Math.floor(((zpages - protectedZpages) * view.poolFrames) / zpages)
        const wanted = Math.min(zpagesFor(view, framesWanted(view, headroom)), freeable)
        const withheld = Math.min(wanted, mistakes)
        mistakes -= withheld
        return wanted - withheld
      },
    }
  },
}
