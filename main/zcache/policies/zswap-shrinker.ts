import type { Policy } from './policy.ts'

/**
 * zswap's shrinker of Linux 6.12 and newer, beside its worker at the limit. When reclaim is under way it looks at the same share of the zpages
 * as a pass of reclaim takes of the resident pages, times two (DEFAULT_SEEKS), after taking off one zpage for each page read from disk, ahead
 * or not, since the last look (each may have been a writeback too many) and scaling by the compression (a dense pool has less to gain). A zpage met
 * for the first time goes round once more, whoever looks: worker and shrinker share that in the kernel too.
 *
 * The protected size of 6.8 is gone there: the second chance took its place (policy protected-feedback still has it).
 */

/** Pages one pass of reclaim aims at: SWAP_CLUSTER_MAX. */
const PASS_PAGES = 32
/** Of DEFAULT_SEEKS 2: a shrinker scans 4 / seeks times the share reclaim scans. */
const SCAN_FACTOR = 2
/** So many are looked at at a time, fewer only where all that can be freed is due: SHRINK_BATCH. */
const BATCH = 128

/** @param worker a policy by zpage whose victims are the oldest */
export function withShrinker(worker: Policy): Policy {
  /** Pages read from disk that no look has taken off yet (nr_disk_swapins). */
  let mistakes = 0
  let due = 0
  /** Zpages that may still be looked at for the victims asked for last. */
  let looks = 0
  /** Every victim may have to go round once before it is met again. */
  const victims = (wanted: number): number => {
    looks = 2 * wanted
    return wanted
  }
  return {
    ...worker,
    onFull: (view) => victims(worker.onFull?.(view) ?? 0),
    onTick: (view) => victims(worker.onTick?.(view) ?? 0),
    onReclaim(view) {
      const wanted = worker.onReclaim?.(view) ?? 0
      const { zpages } = view
      const shielded = Math.min(mistakes, zpages)
      mistakes -= shielded
      const freeable = zpages > 0 ? ((zpages - shielded) * view.poolFrames) / zpages : 0
      const resident = Math.max(PASS_PAGES, view.activePages + view.inactivePages)
      due = Math.min(due + (SCAN_FACTOR * freeable * PASS_PAGES) / resident, freeable)
      looks = 2 * wanted
      let scan = Math.floor(due / BATCH) * BATCH
      if (scan === 0 && due === freeable) scan = Math.floor(due)
      due -= scan
      looks += scan
      return wanted + scan
    },
    onDiskFault(_view, _owner, pages) {
      mistakes += pages
    },
    victim(view) {
      while (looks-- > 0) {
        const zpage = view.oldest()
        if (zpage < 0 || view.mark(zpage)) return zpage
        view.setMark(zpage, true)
        view.rotate(zpage)
      }
      return -1
    },
  }
}
