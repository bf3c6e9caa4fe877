import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createAccess } from './access.ts'
import type { MadeAccess } from './access-pattern.ts'
import { PATTERNS } from './fixture-patterns.ts'
import { Permutation } from './permutation.ts'
import { FREE, READ, WRITE } from './stream.ts'

const SPECS = Object.values(PATTERNS)

function take(spec: MadeAccess, shape: { pages: number; operations: number; seed: number }, n = shape.operations) {
  const stream = createAccess<MadeAccess['pattern']>(spec, shape)
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

/**
 * The first 100 000 accesses of each pattern on 50 000 pages with seed 42, as SHA-256 of vpn << 2 | op. One that changes makes another experiment of every
 * one there is, under the same identity; and exp and log, by which Zipf's law is drawn, are the only arithmetic here that a machine could do otherwise.
 */
const SEQUENCES: Readonly<Record<MadeAccess['pattern'], string>> = {
  sequential: '8d8b2cbe23bbeff6',
  uniform: 'd0c5598e3b3e440e',
  zipf: '3f8cb3cd837a82dc',
  phases: '001f1538cd9e3d83',
  'scan+hot': '4ccd6f52495b75f3',
  burst: '6d57260a46359030',
  gc: '10908566d7501e92',
  tabs: '9e9efafb461cad4d',
  build: 'bb13b83d8cb062a1',
  inversion: '55704e8d28111dcf',
}

it.each(SPECS)('$pattern is the same sequence on every machine, and stays what it was', (spec) => {
  const { vpn, op } = take(spec, { pages: 50_000, operations: 100_000, seed: 42 })
  const words = Uint32Array.from(vpn, (page, at) => (page << 2) | op[at])
  expect(createHash('sha256').update(words).digest('hex').slice(0, 16)).toBe(SEQUENCES[spec.pattern])
})

it('a Zipf law over the largest address space is the same sequence on every machine', () => {
  const { vpn } = take({ pattern: 'zipf', theta: 0.99, writes: 0 }, { pages: 4_194_304, operations: 100_000, seed: 42 })
  expect(createHash('sha256').update(vpn).digest('hex').slice(0, 16)).toBe('cab9adaed820d609')
})

// New pages are written, and sweeps only read, whatever the share of writes; see below.
const OWN_WRITES = ['burst', 'gc', 'tabs', 'build', 'inversion']
describe.each(SPECS.filter((spec) => !OWN_WRITES.includes(spec.pattern)))('$pattern', (spec) => {
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
    const { vpn } = take(PATTERNS.sequential, { pages: 3, operations: 7, seed: 1 })
    expect([...vpn]).toEqual([0, 1, 2, 0, 1, 2, 0])
  })
})

describe('uniform', () => {
  it('touches every page as often as any other', () => {
    const pages = 1000
    const { vpn } = take(PATTERNS.uniform, { pages, operations: 200_000, seed: 5 })
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
    expect(take({ pattern: 'zipf', theta: 0, writes: 0.3 }, shape)).toEqual(take(PATTERNS.uniform, shape))
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
    const { vpn } = take(PATTERNS.phases, { pages, operations, seed: 9 })
    const sets = [0, 1, 2, 3].map((k) => new Set(vpn.subarray(k * 10_000, (k + 1) * 10_000)))
    for (const set of sets) expect(set.size).toBe(1000) // 10 touches a page: none is missed
    for (let k = 0; k < 3; k++) expect([...sets[k]].some((v) => sets[k + 1].has(v))).toBe(false)
  })
})

describe('scan+hot', () => {
  it('gives the scan its share, in order over every page outside the hot set', () => {
    const pages = 2000
    const { vpn } = take(PATTERNS['scan+hot'], { pages, operations: 100_000, seed: 2 })
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
    const { vpn, op } = take(PATTERNS.burst, { pages, operations: 1200, seed: 4 })
    const calm = vpn.subarray(0, 2 * burst)
    expect(calm.every((v) => v < 900)).toBe(true)
    expect([...vpn.subarray(200, 300)]).toEqual(Array.from({ length: 100 }, (_, i) => 900 + i))
    expect(op.subarray(200, 300).every((o) => o === WRITE)).toBe(true)
    expect(vpn.subarray(300, 500).some((v) => v >= 900)).toBe(true)
    expect(op.subarray(500, 600).every((o) => o === FREE)).toBe(true)
    expect([...vpn.subarray(500, 600)]).toEqual(Array.from({ length: 100 }, (_, i) => 900 + i))
    expect(vpn.subarray(600, 800).every((v) => v < 900)).toBe(true)
  })
})

describe('gc', () => {
  const spec = PATTERNS.gc

  it('sweeps the whole heap in order, reading, with the hot set alone used between two sweeps', () => {
    const pages = 1000
    const between = Math.round((pages * 0.7) / 0.3)
    const { vpn, op } = take(spec, { pages, operations: 3 * (between + pages), seed: 3 })
    for (let cycle = 0; cycle < 3; cycle++) {
      const start = cycle * (between + pages)
      expect(new Set(vpn.subarray(start, start + between)).size).toBeLessThanOrEqual(200)
      const sweep = start + between
      expect([...vpn.subarray(sweep, sweep + pages)]).toEqual(Array.from({ length: pages }, (_, i) => i))
      expect(op.subarray(sweep, sweep + pages).every((o) => o === READ)).toBe(true)
    }
  })

  it.each([0, 0.3, 0.7, 1])('gives sweeps a share of %f', (sweeps) => {
    const pages = 500
    const { vpn } = take({ ...spec, hot: 0.002, sweeps }, { pages, operations: 100_000, seed: 3 })
    const hottest = vpn.at(0) ?? 0 // the hot set is this one page
    const elsewhere = vpn.filter((v) => v !== hottest).length / vpn.length
    if (sweeps < 1) expect(Math.abs(elsewhere - sweeps)).toBeLessThan(0.02)
    else expect(new Set(vpn).size).toBe(pages)
  })
})

describe('tabs', () => {
  const spec = PATTERNS.tabs
  /** The tabs in the order of their visits: 4 accesses a page each. */
  function visits(recency: number, count: number) {
    const [pages, tabs] = [1000, 20]
    const { vpn } = take({ ...spec, tabs, recency, close: 0 }, { pages, operations: count * 200, seed: 6 })
    return Array.from({ length: count }, (_, visit) => {
      const seen = new Set([...vpn.subarray(visit * 200, (visit + 1) * 200)].map((v) => Math.floor(v / 50)))
      expect(seen.size).toBe(1)
      return [...seen][0]
    })
  }
  /** How many other tabs were used since this one was: 1 is a return to the tab just left. */
  function distances(order: readonly number[]) {
    return order.flatMap((tab, at) => {
      const before = order.lastIndexOf(tab, at - 1)
      return at === 0 || before < 0 ? [] : [new Set(order.slice(before + 1, at)).size]
    })
  }
  const shareOfLast = (order: readonly number[]) => {
    const all = distances(order)
    return all.filter((distance) => distance === 1).length / all.length
  }

  it('stays on one tab for a visit, and leaves it for another', () => {
    const order = visits(1, 500)
    expect(order.some((tab, at) => at > 0 && tab === order[at - 1])).toBe(false)
    expect(new Set(order).size).toBe(20)
  })

  it('returns to the tab left last by the Zipf law over recency', () => {
    const harmonic = Array.from({ length: 19 }, (_, i) => 1 / (i + 1)).reduce((a, b) => a + b)
    expect(Math.abs(shareOfLast(visits(1, 4000)) - 1 / harmonic)).toBeLessThan(0.03)
    expect(Math.abs(shareOfLast(visits(0, 4000)) - 1 / 19)).toBeLessThan(0.02)
  })

  it('closes a tab by freeing every page of it, and opens one there by writing every page', () => {
    const pages = 100
    const { vpn, op } = take({ ...spec, tabs: 4, close: 1 }, { pages, operations: 3 * 150, seed: 2 })
    for (let visit = 0; visit < 3; visit++) {
      const start = visit * 150 + 100
      const tab = vpn[start] / 25
      expect(Number.isInteger(tab)).toBe(true)
      const region = Array.from({ length: 25 }, (_, i) => tab * 25 + i)
      expect([...vpn.subarray(start, start + 50)]).toEqual([...region, ...region])
      expect(op.subarray(start, start + 25).every((o) => o === FREE)).toBe(true)
      expect(op.subarray(start + 25, start + 50).every((o) => o === WRITE)).toBe(true)
    }
  })
})

describe('build', () => {
  const spec = PATTERNS.build
  const pages = 2000
  const shared = 400

  it('frees exactly what a process wrote, page by page, and its room is used again', () => {
    const { vpn, op } = take(spec, { pages, operations: 100_000, seed: 8 })
    const rooms = Array.from({ length: 8 }, () => ({ grown: 0, freed: 0, exits: 0 }))
    for (let i = 0; i < vpn.length; i++) {
      if (vpn[i] < shared) continue
      const room = rooms[Math.floor((vpn[i] - shared) / 200)]
      const page = (vpn[i] - shared) % 200
      if (op[i] === FREE) {
        expect(page).toBe(room.freed++)
        if (room.freed === room.grown) Object.assign(room, { grown: 0, freed: 0, exits: room.exits + 1 })
      } else {
        expect(room.freed).toBe(0)
        expect(page).toBeLessThanOrEqual(room.grown)
        if (page === room.grown) {
          expect(op[i]).toBe(WRITE)
          room.grown++
        }
      }
    }
    for (const { exits } of rooms) expect(exits).toBeGreaterThan(5)
  })

  it('gives the shared set its share, and never frees it', () => {
    const { vpn, op } = take({ ...spec, sharing: 0.7 }, { pages, operations: 100_000, seed: 8 })
    const touches = vpn.filter((_, i) => op[i] !== FREE)
    expect(Math.abs(touches.filter((v) => v < shared).length / touches.length - 0.7)).toBeLessThan(0.01)
    expect(vpn.some((v, i) => v < shared && op[i] === FREE)).toBe(false)
  })
})

describe('inversion', () => {
  it('writes the bulk once, in order, and then touches the hot set alone', () => {
    const { vpn, op } = take(PATTERNS.inversion, { pages: 1000, operations: 20_000, seed: 8 })
    expect([...vpn.subarray(0, 600)]).toEqual(Array.from({ length: 600 }, (_, i) => i))
    expect(op.subarray(0, 600).every((o) => o === WRITE)).toBe(true)
    expect(vpn.subarray(600).every((v) => v >= 600)).toBe(true)
    expect(new Set(vpn.subarray(600)).size).toBeGreaterThan(390)
    const writes = op.subarray(600).filter((o) => o === WRITE).length / 19_400
    expect(Math.abs(writes - 0.3)).toBeLessThan(0.01)
  })
})

/** Specifications of every pattern that frees pages, at the ends of their fields too. */
const unit = fc.double({ min: 0, max: 1, noNaN: true })
const freeing: fc.Arbitrary<MadeAccess> = fc.oneof(
  fc.record({ pattern: fc.constant('burst' as const), size: unit, writes: unit }),
  fc.record({
    pattern: fc.constant('tabs' as const),
    tabs: fc.integer({ min: 2, max: 1000 }),
    recency: fc.double({ min: 0, max: 3, noNaN: true }),
    close: unit,
    writes: unit,
  }),
  fc.record({
    pattern: fc.constant('build' as const),
    jobs: fc.integer({ min: 1, max: 256 }),
    shared: unit,
    sharing: fc.double({ min: 0, max: 0.95, noNaN: true }),
    writes: unit,
  }),
)

describe('patterns that free pages', () => {
  it('never touch a freed page before it is written again', () => {
    fc.assert(
      fc.property(freeing, fc.integer({ min: 2, max: 300 }), fc.nat(), (spec, pages, seed) => {
        const { vpn, op } = take(spec, { pages, operations: 3000, seed })
        const freed = new Set<number>()
        for (let i = 0; i < vpn.length; i++) {
          expect(vpn[i] >= 0 && vpn[i] < pages).toBe(true)
          if (op[i] === READ) expect(freed.has(vpn[i])).toBe(false)
          else if (op[i] === WRITE) freed.delete(vpn[i])
          else {
            expect(freed.has(vpn[i])).toBe(false)
            freed.add(vpn[i])
          }
        }
      }),
      { numRuns: 100 },
    )
  })
})

function ranksOf(pages: number, seed: number): number[] {
  const place = new Permutation(pages, seed)
  return Array.from({ length: pages }, (_, rank) => place.at(rank))
}
