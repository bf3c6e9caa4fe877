import { PositionSet } from '../../zcache/index.ts'
import { type ForeseenAccesses, FREE } from '../workloads/index.ts'

/**
 * The fewest pages that any policy can read from disk during accesses `from` to the end, in memory that holds at most `capacity` pages, in whatever form: L. Belady's MIN
 * (IBM Systems Journal 1966). What is kept from one use to the next is chosen with the whole sequence known, and the pages with the farthest next use are let go;
 * what memory holds at `from` is chosen likewise, at no cost. Reading ahead cannot get below it: a page not kept is read once at least before its next use.
 * Every page has been touched once before the sequence begins; the first touch of a page that was given back reads nothing.
 *
 * @param accesses of which none has been taken yet
 */
export function leastReads(
  accesses: ForeseenAccesses,
  shape: { pages: number; from: number; capacity: number },
): number {
  const { pages, from, capacity } = shape
  const { operations } = accesses
  const holdsContent = new Uint8Array(pages).fill(1)
  const next = Uint32Array.from({ length: pages }, (_, vpn) => accesses.nextUse(vpn))
  for (let at = 0; at < from; at++) {
    const vpn = accesses.pageAt(at)
    next[vpn] = accesses.nextAfter(at)
    holdsContent[vpn] = accesses.opAt(at) === FREE ? 0 : 1
  }
  const kept = new PositionSet(operations)
  const keep = (position: number) => {
    if (position < operations) kept.add(position)
  }
  const letGo = (most: number) => {
    while (kept.size > most) kept.delete(kept.greatest())
  }
  for (let vpn = 0; vpn < pages; vpn++) if (holdsContent[vpn]) keep(next[vpn])
  letGo(capacity)
  let reads = 0
  for (let at = from; at < operations; at++) {
    const vpn = accesses.pageAt(at)
    if (accesses.opAt(at) === FREE) {
      holdsContent[vpn] = 0
      continue
    }
    if (kept.has(at)) kept.delete(at)
    else {
      if (holdsContent[vpn]) reads++
      letGo(capacity - 1)
    }
    holdsContent[vpn] = 1
    keep(accesses.nextAfter(at))
  }
  return reads
}
