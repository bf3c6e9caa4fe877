import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { AccessSpec } from '../../contract/index.ts'
import { createAccess } from './access.ts'
import { Permutation } from './permutation.ts'
import { FREE, READ, WRITE } from './stream.ts'

const SPECS = [
  { pattern: 'sequential', writes: 0.3 },
  { pattern: 'uniform', writes: 0.3 },
  { pattern: 'zipf', theta: 0.9, writes: 0.3 },
  { pattern: 'phases', phases: 4, hot: 0.25, writes: 0.3 },
  { pattern: 'scan+hot', hot: 0.1, scan: 0.3, writes: 0.3 },
  { pattern: 'burst', size: 0.1, writes: 0.3 },
] as const satisfies AccessSpec[]

function take(spec: AccessSpec, shape: { pages: number; operations: number; seed: number }, n = shape.operations) {
  const stream = createAccess(spec, shape)
  const vpn = new Int32Array(n)
  const op = new Uint8Array(n)
  for (let i = 0; i < n; i++) {
    stream.next()
    vpn[i] = stream.vpn
    op[i] = stream.op
  }
  return { vpn, op }
}

/** Chi-square of observed counts against expected shares, over cells of at least 5 expected events. */
function chiSquare(counts: ArrayLike<number>, shares: ArrayLike<number>, total: number) {
  let chi2 = 0
  let cells = 0
  let restCount = 0
  let restShare = 0
  for (let i = 0; i < counts.length; i++) {
    restCount += counts[i]
    restShare += shares[i]
    if (restShare * total < 5) continue
    chi2 += (restCount - restShare * total) ** 2 / (restShare * total)
    cells++
    restCount = 0
    restShare = 0
  }
  const freedom = cells - 1
  // Wilson-Hilferty: the cube root of chi2/freedom is nearly normal; z above 3.3 has p < 0.0005.
  const z = (Math.cbrt(chi2 / freedom) - (1 - 2 / (9 * freedom))) / Math.sqrt(2 / (9 * freedom))
  return { z, cells }
}

describe.each(SPECS)('$pattern', (spec) => {
  it('is the same sequence for the same seed, another for another', () => {
    const shape = { pages: 5000, operations: 20_000, seed: 42 }
    expect(take(spec, shape)).toEqual(take(spec, shape))
    expect(take(spec, { ...shape, seed: 43 })).not.toEqual(take(spec, shape))
  })

  it('stays inside the address space, at any size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fc.nat(), (pages, seed) => {
        const { vpn, op } = take(spec, { pages, operations: 5000, seed })
        expect(vpn.every((v) => v >= 0 && v < pages)).toBe(true)
        expect(op.every((o) => o === READ || o === WRITE || o === FREE)).toBe(true)
      }),
      { numRuns: 50 },
    )
  })
})

// A burst writes its region whatever the share of writes; see below.
describe.each(SPECS.filter((spec) => spec.pattern !== 'burst'))('$pattern', (spec) => {
  it('changes the share of pages it was asked to', () => {
    const { op } = take(spec, { pages: 5000, operations: 100_000, seed: 1 })
    const writes = op.reduce((n, o) => n + (o === WRITE ? 1 : 0), 0)
    expect(writes / op.length).toBeGreaterThan(0.29)
    expect(writes / op.length).toBeLessThan(0.31)
  })

  it('only reads with writes 0', () => {
    const { op } = take({ ...spec, writes: 0 }, { pages: 500, operations: 500, seed: 1 }, 500)
    expect(op.every((o) => o === READ)).toBe(true)
  })
})

describe('sequential', () => {
  it('walks every page in order, round and round', () => {
    const { vpn } = take(SPECS[0], { pages: 3, operations: 7, seed: 1 })
    expect([...vpn]).toEqual([0, 1, 2, 0, 1, 2, 0])
  })
})

describe('uniform', () => {
  it('touches every page as often as any other', () => {
    const pages = 1000
    const { vpn } = take(SPECS[1], { pages, operations: 200_000, seed: 5 })
    const counts = new Float64Array(pages)
    for (const v of vpn) counts[v]++
    expect(Math.abs(chiSquare(counts, new Float64Array(pages).fill(1 / pages), vpn.length).z)).toBeLessThan(3.3)
  })
})

describe('zipf', () => {
  it.each([0.2, 0.9, 1, 1.2, 2.5])('touches rank k in proportion to 1 / k^%f', (theta) => {
    const pages = 2000
    const operations = 400_000
    const { vpn } = take({ pattern: 'zipf', theta, writes: 0 }, { pages, operations, seed: 11 })
    const counts = new Float64Array(pages)
    for (const v of vpn) counts[v]++
    // Ranks are scattered, so the frequencies are compared in descending order of the law, by the true place of each rank.
    const weights = Float64Array.from({ length: pages }, (_, i) => (i + 1) ** -theta)
    const sum = weights.reduce((a, b) => a + b, 0)
    const byRank = ranksOf(pages, 11).map((place) => counts[place])
    const result = chiSquare(
      byRank,
      weights.map((w) => w / sum),
      operations,
    )
    expect(result.cells).toBeGreaterThan(10)
    expect(Math.abs(result.z)).toBeLessThan(3.3)
  })

  it('gives 0 as the uniform law', () => {
    const shape = { pages: 1000, operations: 1000, seed: 3 }
    expect(take({ pattern: 'zipf', theta: 0, writes: 0.3 }, shape)).toEqual(take(SPECS[1], shape))
  })

  it('keeps hot pages apart: the ten hottest are no neighbours', () => {
    const hottest = ranksOf(100_000, 42).slice(0, 10)
    for (const a of hottest) for (const b of hottest) expect(Math.abs(a - b)).not.toBe(1)
  })
})

describe('phases', () => {
  it('touches one region of the hot size per phase, disjoint from the next', () => {
    const pages = 4000
    const operations = 40_000
    const { vpn } = take(SPECS[3], { pages, operations, seed: 9 })
    const sets = [0, 1, 2, 3].map((k) => new Set(vpn.subarray(k * 10_000, (k + 1) * 10_000)))
    for (const set of sets) expect(set.size).toBe(1000) // 10 touches a page: none is missed
    for (let k = 0; k < 3; k++) expect([...sets[k]].some((v) => sets[k + 1].has(v))).toBe(false)
  })
})

describe('scan+hot', () => {
  it('gives the scan its share, in order over every page outside the hot set', () => {
    const pages = 2000
    const { vpn } = take(SPECS[4], { pages, operations: 100_000, seed: 2 })
    const counts = new Float64Array(pages)
    for (const v of vpn) counts[v]++
    const hot = counts.filter((n) => n > 100).length
    expect(hot).toBe(200)
    const scanned = [...vpn].filter((v) => counts[v] <= 100)
    expect(scanned.length / vpn.length).toBeGreaterThan(0.29)
    expect(scanned.length / vpn.length).toBeLessThan(0.31)
    expect(new Set(scanned).size).toBe(1800)
    // One step on the ring of cold pages each time: the hot set is jumped over.
    const cold = [...new Set(scanned.slice(0, 1800))]
    expect(scanned.slice(1800, 3600)).toEqual(cold)
  })
})

describe('burst', () => {
  it('writes each page of the region once, uses both regions, frees each page once, and starts again', () => {
    const pages = 1000
    const burst = 100
    const { vpn, op } = take(SPECS[5], { pages, operations: 1200, seed: 4 })
    const calm = vpn.subarray(0, 2 * burst)
    expect(calm.every((v) => v < 900)).toBe(true)
    expect([...vpn.subarray(200, 300)]).toEqual(Array.from({ length: 100 }, (_, i) => 900 + i))
    expect(op.subarray(200, 300).every((o) => o === WRITE)).toBe(true)
    expect(vpn.subarray(300, 500).some((v) => v >= 900)).toBe(true)
    expect(op.subarray(500, 600).every((o) => o === FREE)).toBe(true)
    expect([...vpn.subarray(500, 600)]).toEqual(Array.from({ length: 100 }, (_, i) => 900 + i))
    expect(vpn.subarray(600, 800).every((v) => v < 900)).toBe(true)
  })

  it('never touches a freed page before it is written again', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 300 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(),
        (pages, size, seed) => {
          const { vpn, op } = take({ pattern: 'burst', size, writes: 0.5 }, { pages, operations: 3000, seed })
          const freed = new Set<number>()
          for (let i = 0; i < vpn.length; i++) {
            if (op[i] === READ) expect(freed.has(vpn[i])).toBe(false)
            else if (op[i] === WRITE) freed.delete(vpn[i])
            else {
              expect(freed.has(vpn[i])).toBe(false)
              freed.add(vpn[i])
            }
          }
        },
      ),
      { numRuns: 50 },
    )
  })
})

function ranksOf(pages: number, seed: number): number[] {
  const place = new Permutation(pages, seed)
  return Array.from({ length: pages }, (_, rank) => place.at(rank))
}
