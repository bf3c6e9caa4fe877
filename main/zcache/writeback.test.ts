import { describe, expect, it } from 'vitest'
import { type EngineOptions, makeEngine } from './fixture-engine.ts'
import type { Policy } from './index.ts'

const PAGES = 80
const NS_PER_DAY = 86_400e9

/** The zpage of a page; -1 where the pool has none. */
function zpageOf(view: Parameters<NonNullable<Policy['victim']>>[0], vpn: number): number {
  let zpage = view.oldest()
  while (zpage >= 0 && view.ownerOf(zpage) !== vpn) zpage = view.younger(zpage)
  return zpage
}

/** A pool with most pages in it, which writes back what it is told to, and nothing else. */
function engine(unit: Policy['unit'], options: Partial<EngineOptions> = {}) {
  let victims: number[] = []
  const policy: Policy = {
    unit,
    onReclaim: () => victims.length,
    keepClean: () => true,
    victim: (view) => zpageOf(view, victims.shift() ?? -1),
  }
  const made = makeEngine({
    pages: PAGES,
    frames: 88,
    poolLimit: 48,
    lane: 'writeback on',
    policy,
    size: (word) => 300 + ((word >>> 3) % 500),
    swap: { slow: 0, batch: 1, shuffle: false },
    ...options,
  })
  const { mm, access, audit } = made
  const pool = made.pool()
  if (!pool) throw new Error('the engine has no pool')
  const all = Array.from({ length: PAGES }, (_, vpn) => vpn)
  for (const vpn of all) access(vpn, true)
  // Gaps between the slots of the pool, six apart.
  for (let vpn = 0; vpn < PAGES; vpn += 7) access(vpn, false)
  mm.drain()
  /** Pages that are in the pool only, by slot. */
  const pooled = () => {
    const inPool = all.filter((vpn) => {
      const { frame, slot, onDisk } = mm.whereIs(vpn)
      return frame < 0 && slot >= 0 && !onDisk
    })
    return new Map(inPool.map((vpn) => [mm.whereIs(vpn).slot, vpn]))
  }
  /** Asks for these victims. */
  const writeBack = (...vpns: number[]) => {
    const before = new Set(all.filter((vpn) => mm.whereIs(vpn).onDisk))
    victims = [...vpns]
    const begun = pool.shrink(vpns.length)
    victims = []
    mm.drain()
    expect(audit()).toEqual([])
    return { begun, written: all.filter((vpn) => mm.whereIs(vpn).onDisk && !before.has(vpn)) }
  }
  return { ...made, pool, pooled, writeBack }
}

/** The pages of neighbouring slots around this one, in the pool without a gap. */
function runAround(pooled: ReadonlyMap<number, number>, slot: number): number[] {
  const run: number[] = []
  let first = slot
  while (pooled.has(first - 1)) first--
  for (let at = first; pooled.has(at); at++) run.push(pooled.get(at) ?? -1)
  return run
}

/** A slot with pooled neighbours on both sides, and not so many that a cluster ends before the run does. */
function middleOfRun(pooled: ReadonlyMap<number, number>): number {
  const slot = [...pooled.keys()].find(
    (at) => pooled.has(at - 1) && pooled.has(at - 2) && pooled.has(at + 1) && runAround(pooled, at).length <= 8,
  )
  if (slot === undefined) throw new Error('no run of slots is in the pool')
  return slot
}

const ascending = (vpns: Iterable<number>) => [...vpns].sort((a, b) => a - b)

describe('what goes with a victim', () => {
  it('is nothing by default', () => {
    const { pooled, writeBack } = engine('zpage')
    const vpn = pooled().get(middleOfRun(pooled())) ?? -1
    expect(writeBack(vpn)).toEqual({ begun: 1, written: [vpn] })
  })

  it('in clusters is the run of slots around it, up and down to the first gap', () => {
    const { pool, pooled, writeBack } = engine('zpage', { cluster: 8 })
    const before = pooled()
    const slot = middleOfRun(before)
    const run = runAround(before, slot)
    expect(writeBack(before.get(slot) ?? -1)).toEqual({ begun: run.length, written: ascending(run) })
    expect(pool.counters.writeback_clustered).toBe(run.length - 1)
  })

  it('in clusters is at most what makes a cluster', () => {
    const { pooled, writeBack } = engine('zpage', { cluster: 3 })
    expect(writeBack(pooled().get(middleOfRun(pooled())) ?? -1)).toMatchObject({ begun: 3 })
  })

  it('of unit frame is its frame, in clusters with the run around each page of it', () => {
    const { pool, pooled, writeBack } = engine('frame', { cluster: 8 })
    const before = pooled()
    const { begun, written } = writeBack(before.get(middleOfRun(before)) ?? -1)
    expect(begun).toBe(written.length)
    expect(pool.counters.writeback_clustered).toBe(begun - 2)
  })

  /** Slots in the pool without a gap, and a page in the midst of them that is on disk too; clusters are on. */
  function copyBetween() {
    const made = engine('zpage', { cluster: 8 })
    const { access, mm, pooled, writeBack } = made
    const slot = middleOfRun(pooled())
    const copy = pooled().get(slot) ?? -1
    const around = runAround(pooled(), slot)
    // In RAM its neighbours are no part of its cluster, and keep their slots.
    for (const vpn of around) if (vpn !== copy) access(vpn, false)
    expect(writeBack(copy).written).toEqual([copy])
    access(copy, false)
    for (let round = 0; round < 3; round++)
      for (let vpn = 0; vpn < PAGES; vpn++) if (!around.includes(vpn)) access(vpn, false)
    const run = runAround(pooled(), slot)
    expect(mm.cleanCopies).toBe(1)
    expect(run).toEqual(expect.arrayContaining(around))
    return { ...made, copy, below: run.slice(0, run.indexOf(copy)) }
  }

  it('is nothing where the victim costs no write, because it is on disk too', () => {
    const { mm, pool, copy, writeBack } = copyBetween()
    expect(writeBack(copy)).toEqual({ begun: 1, written: [copy] })
    expect(mm.cleanCopies).toBe(0)
    expect(pool.counters).toMatchObject({ writeback_clustered: 0, writtenback_pages: 1 })
  })

  it('ends before a page that is on disk too', () => {
    const { mm, below, writeBack } = copyBetween()
    const cluster = below.slice(-7)
    expect(writeBack(below.at(-1) ?? -1)).toEqual({ begun: cluster.length, written: ascending(cluster) })
    expect(mm.cleanCopies).toBe(1)
  })

  it('stops where the budget does', () => {
    const { clock } = engine('zpage', { cluster: 8 })
    const budgetBytesPerDay = (3.5 * 4096 * NS_PER_DAY) / clock.now()
    const { pool, pooled, writeBack } = engine('zpage', { cluster: 8, budgetBytesPerDay })
    const vpn = pooled().get(middleOfRun(pooled())) ?? -1
    expect(writeBack(vpn)).toMatchObject({ begun: 3 })
    expect(pool.counters.writeback_skipped_budget).toBeGreaterThan(0)
  })
})

it('times each page from its decompression to the end of its write', () => {
  const ns: Record<'writeback' | 'writebackDecompress', number[]> = { writeback: [], writebackDecompress: [] }
  const { clock, pooled, writeBack } = engine('zpage', {
    meters: {
      writeback: { record: (value) => ns.writeback.push(value) },
      writebackDecompress: { record: (value) => ns.writebackDecompress.push(value) },
    },
  })
  const start = clock.now()
  writeBack(...[...pooled().values()].slice(0, 6))
  const elapsed = clock.now() - start
  expect(ns.writeback).toHaveLength(6)
  for (const [index, whole] of ns.writeback.entries()) {
    expect(ns.writebackDecompress[index]).toBeGreaterThan(0)
    expect(whole).toBeGreaterThan(ns.writebackDecompress[index])
    expect(whole).toBeLessThan(elapsed)
  }
})

it.each(['page', 'zpage'] as const)(
  'puts a %s whose page is in RAM behind the others, and goes on with the next oldest',
  (form) => {
    let oldest = -1
    let victims = 0
    const policy: Policy = {
      unit: 'zpage',
      onReclaim(view) {
        oldest = view.ownerOf(view.oldest())
        return victims
      },
    }
    const { mm, pool, access, writeBack } = engine('zpage', { policy, exclusiveGets: false, layout: 'log', form })
    pool.shrink(1)
    const resident = oldest
    access(resident, false)
    victims = 1
    expect(writeBack().written).toHaveLength(1)
    expect(mm.pte[resident]).toBeGreaterThanOrEqual(0)
    expect(oldest).toBe(resident)
    pool.shrink(1)
    expect(oldest).not.toBe(resident)
  },
)

it('how long a zpage has been in the pool is counted from its store, whenever that was', () => {
  const ages: number[] = []
  const { clock, pooled, writeBack } = engine('zpage', {
    clockStepNs: 1e5,
    meters: { age: { record: (ns) => void ages.push(ns) } },
  })
  const stored = clock.now()
  while (clock.now() < stored + 1e9);
  const [vpn] = pooled().values()
  writeBack(vpn)
  expect(ages).toHaveLength(1)
  expect(ages[0]).toBeGreaterThan(1e9)
  expect(ages[0]).toBeLessThan(1e9 + stored)
})
