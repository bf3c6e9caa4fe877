import type { SamePages, SameWords } from '../../mm/index.ts'
import { SAME_DIFFERS_NS, SAME_FILLED_NS, SAME_RESTORE_NS } from './engine-costs.ts'
import type { PageTags } from './page-tags.ts'
import type { VirtualClock } from './virtual-clock.ts'

/** By vpn: 0 the words of its page differ, 1 they are all zero, 2 another word repeats. Through all versions of the page. */
export type SameFilled = Uint8Array

/** Same-filled pages as tags: kept is not the word but the tag, so that a page that comes back still says which it is. */
export function modelSamePages(
  words: SameWords,
  parts: { slots: number; tags: PageTags; sameFilled: SameFilled; clock: VirtualClock },
): SamePages {
  const { slots, clock, sameFilled } = parts
  const { frames } = parts.tags
  const kept = new Int32Array(2 * slots)
  const most = words === 'zero' ? 1 : 2
  return {
    keep(slot, frame) {
      const vpn = frames[2 * frame]
      const kind = sameFilled[vpn]
      clock.advance(kind === 0 ? SAME_DIFFERS_NS : SAME_FILLED_NS)
      if (kind === 0 || kind > most) return false
      kept[2 * slot] = vpn
      kept[2 * slot + 1] = frames[2 * frame + 1]
      return true
    },
    restore(slot, frame) {
      clock.advance(SAME_RESTORE_NS)
      frames[2 * frame] = kept[2 * slot]
      frames[2 * frame + 1] = kept[2 * slot + 1]
    },
  }
}
