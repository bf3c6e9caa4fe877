import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { listed } from '../workloads/fixture-stream.ts'
import { type AccessOp, ForeseenAccesses, FREE, READ, WRITE } from '../workloads/index.ts'
import { leastReads } from './least-reads.ts'

type Access = readonly [vpn: number, op: AccessOp]

const PAGES = 5

/** The fewest reads by trying everything: at each access the page comes in, and whatever set of at most `capacity` is kept. */
function byTrying(accesses: readonly Access[], from: number, capacity: number): number {
  const subsets = Array.from({ length: 1 << PAGES }, (_, set) => set)
  const size = (set: number) => set.toString(2).replaceAll('0', '').length
  const touched = new Set(Array.from({ length: PAGES }, (_, vpn) => vpn))
  for (const [vpn, op] of accesses.slice(0, from)) {
    if (op === FREE) touched.delete(vpn)
    else touched.add(vpn)
  }
  let reads = new Map(subsets.filter((set) => size(set) <= capacity).map((set) => [set, 0]))
  for (const [vpn, op] of accesses.slice(from)) {
    const bit = 1 << vpn
    const after = new Map<number, number>()
    const reach = (set: number, cost: number) =>
      after.set(set, Math.min(cost, after.get(set) ?? Number.POSITIVE_INFINITY))
    for (const [held, cost] of reads) {
      if (op === FREE) {
        reach(held & ~bit, cost)
        continue
      }
      const read = (held & bit) === 0 && touched.has(vpn) ? 1 : 0
      for (const kept of subsets)
        if ((kept & ~held) === 0 && size(kept | bit) <= capacity) reach(kept | bit, cost + read)
    }
    if (op === FREE) touched.delete(vpn)
    else touched.add(vpn)
    reads = after
  }
  return Math.min(...reads.values())
}

/** A page is never read or freed between its FREE and its next WRITE. */
const sequences = fc
  .array(fc.tuple(fc.nat(PAGES - 1), fc.constantFrom<AccessOp>(READ, WRITE, READ, WRITE, FREE)), {
    minLength: 4,
    maxLength: 24,
  })
  .map((drawn) => {
    const freed = new Set<number>()
    return drawn.map(([vpn, op]): Access => {
      if (freed.delete(vpn)) return [vpn, WRITE]
      if (op === FREE) freed.add(vpn)
      return [vpn, op]
    })
  })

describe('leastReads', () => {
  it('is what trying every choice comes to', () => {
    fc.assert(
      fc.property(sequences, fc.nat(3), fc.integer({ min: 1, max: 4 }), (accesses, from, capacity) => {
        const foreseen = new ForeseenAccesses(listed(accesses), { pages: PAGES, operations: accesses.length })
        expect(leastReads(foreseen, { pages: PAGES, from, capacity })).toBe(byTrying(accesses, from, capacity))
      }),
      { numRuns: 150 },
    )
  })

  it('is nothing where everything fits', () => {
    const accesses: Access[] = [
      [0, READ],
      [1, READ],
      [2, WRITE],
      [0, READ],
    ]
    const foreseen = new ForeseenAccesses(listed(accesses), { pages: 3, operations: 4 })
    expect(leastReads(foreseen, { pages: 3, from: 0, capacity: 3 })).toBe(0)
  })
})
