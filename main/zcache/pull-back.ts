import type { CoreMm } from '../mm/index.ts'

/** The frontend's way out of a pool (frontswap_shrink): so many pages go back into memory, until one cannot. */
export function pullBack(
  pages: number,
  core: Pick<CoreMm, 'nextStored' | 'repatriate'>,
  options: {
    /** Stored again within this, untouched, is wasted work. */
    windowNs: number
    /** The slot of the oldest zpage, -1 for none; null takes them in the order of the slots, as the kernel did. */
    oldestSlot: (() => number) | null
  },
): void {
  let slot = -1
  while (pages-- > 0) {
    slot = options.oldestSlot ? options.oldestSlot() : core.nextStored(slot + 1)
    if (slot < 0 || !core.repatriate(slot, options.windowNs)) return
  }
}
