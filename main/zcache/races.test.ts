import { describe, expect, it } from 'vitest'
import { PATH_SWAPCACHE, WRITEBACK_GONE } from '../mm/index.ts'
import { type EngineOptions, makeEngine, wordOf } from './fixture-engine.ts'

/**
 * The races that zcache had and that ten years of fixes to zswap name, one test each: what happens to a page while its writeback is under way.
 * Writes end when the test says so, so each moment can be met on purpose.
 */

const PAGES = 160

/** A pool smaller than what is swept through it, so that frames are written back; nothing ends by itself for 10 000 looks. */
function engineUnderWriteback(options: Partial<EngineOptions> = {}) {
  const engine = makeEngine({
    pages: PAGES,
    frames: 64,
    poolLimit: 20,
    lane: 'writeback on',
    size: () => 1000,
    background: 0,
    readahead: 1,
    swap: { slow: 1, slowPolls: 10_000, batch: 1 },
    ...options,
  })
  const pool = engine.pool()
  if (!pool) throw new Error('a lane with a pool has one')
  /** Sweeps until writebacks are under way. */
  const start = () => {
    for (let round = 0; round < 4; round++)
      for (let vpn = 0; vpn < PAGES; vpn++) {
        engine.access(vpn, true)
        if (pool.counters.outstanding_writeback_pages > 0) return underWay()
      }
    throw new Error('no writeback was ever under way')
  }
  /** Pages whose write is under way, and who left RAM by it: in the swap cache and mapped by nobody. */
  const underWay = () =>
    Array.from({ length: PAGES }, (_, vpn) => vpn).filter(
      (vpn) => engine.mm.pte[vpn] < -1 && engine.mm.whereIs(vpn).frame >= 0,
    )
  /** Ends all writes, then compares every page and the books. */
  const settle = () => {
    engine.mm.drain()
    expect(engine.audit()).toEqual([])
    expect(pool.counters.outstanding_writeback_pages).toBe(0)
    for (const vpn of engine.versions.keys()) if (engine.mm.pte[vpn] !== -1) engine.access(vpn, false)
    engine.mm.drain()
    expect(engine.audit()).toEqual([])
  }
  return { ...engine, zcache: pool, start, underWay, settle }
}

describe('races of writeback', () => {
  it('a load while the victim is written back finds it in the swap cache, and there are never two copies', () => {
    const { start, access, mm, settle } = engineUnderWriteback()
    const [vpn] = start()
    const { slot, frame } = mm.whereIs(vpn)
    access(vpn, false)
    expect(mm.lastPath).toBe(PATH_SWAPCACHE)
    expect(mm.pte[vpn]).toBe(frame)
    expect(mm.frontswap?.has(slot)).toBe(false)
    settle()
  })

  it('a page that is given up while its victim is written back leaves neither entry nor slot behind', () => {
    const { start, mm, slots, settle } = engineUnderWriteback()
    const [vpn] = start()
    const { slot } = mm.whereIs(vpn)
    mm.free(vpn)
    // The write still goes to the slot: nobody else may have it before it has ended.
    expect(slots.isTaken(slot)).toBe(true)
    mm.drain()
    expect(slots.isTaken(slot)).toBe(false)
    expect(mm.frontswap?.has(slot)).toBe(false)
    settle()
  })

  it('a slot that was freed and used again while its victim was held is not written with the old content', () => {
    const { start, mm, access, versions, settle } = engineUnderWriteback()
    const pages = start()
    for (const vpn of pages) mm.free(vpn)
    // New content at the same pages, pushed out through whatever slots come free.
    for (let round = 0; round < 2; round++) for (let vpn = 0; vpn < PAGES; vpn++) access(vpn, true)
    for (const vpn of pages) expect(versions.get(vpn)).toBeGreaterThan(2)
    settle()
  })

  it('an abort of writeback returns the frame it had taken, and the zpage to where it was found', () => {
    const { start, mm, zcache, settle } = engineUnderWriteback()
    start()
    mm.drain()
    const before = mm.reserveFree
    // The entry vanishes between choosing the victim and loading it.
    const load = zcache.load.bind(zcache)
    zcache.load = () => false
    const slot = mm.frontswap?.next(0) ?? -1
    expect(slot).toBeGreaterThanOrEqual(0)
    expect(mm.readForWriteback(slot)).toBe(WRITEBACK_GONE)
    zcache.load = load
    expect(mm.reserveFree).toBe(before)
    expect(mm.frontswap?.has(slot)).toBe(true)
    settle()
  })

  it('a duplicate store during writeback replaces the old entry even where the new store fails', () => {
    // Page 0 never compresses. Zpages are written as they are: until the write has ended they can be loaded, so the slot is still stored.
    const poor = new Set(Array.from({ length: 1000 }, (_, version) => wordOf(0, version)))
    const { start, access, mm, log, zcache, settle } = engineUnderWriteback({
      size: (word) => (poor.has(word) ? 4096 : 1000),
      layout: 'log',
      form: 'zpage',
    })
    start()
    access(0, true)
    const isStaged = (slot: number) => (log?.stagedOf(slot) ?? -1) >= 0
    const find = (staged: boolean) =>
      mm.pte.findIndex(
        (entry) => entry <= -2 && mm.frontswap?.has(-2 - entry) === true && isStaged(-2 - entry) === staged,
      )
    // mm itself never stores a slot twice: it frees the slot of a page that is written to.
    for (const vpn of [find(true), find(false)]) {
      const { slot } = mm.whereIs(vpn)
      expect(mm.frontswap?.store(slot, mm.pte[0])).toBe(false)
      expect([mm.frontswap?.has(slot), isStaged(slot), zcache.peek(slot)]).toEqual([false, false, null])
      mm.drain()
      expect(log?.placeOf(slot)).toBe(-1)
      mm.free(vpn)
    }
    expect(zcache.counters.writeback_discarded).toBeGreaterThan(0)
    settle()
  })

  it('a victim whose page is in the swap cache already is skipped and counted, and its copy kept', () => {
    // Gets that leave the copy: pages that are read on stay in memory, and in the pool, where they become the oldest.
    const { access, mm, zcache, settle } = engineUnderWriteback({ exclusiveGets: false, swap: { slow: 0 } })
    for (let vpn = 0; vpn < PAGES; vpn++) access(vpn, true)
    mm.drain()
    const hot = Array.from({ length: PAGES }, (_, vpn) => vpn)
      .filter((vpn) => mm.frontswap?.has(mm.whereIs(vpn).slot))
      .slice(-4)
    for (let round = 0; round < 4; round++)
      for (let vpn = 0; vpn < PAGES; vpn++) {
        access(vpn, !hot.includes(vpn))
        for (const page of hot) access(page, false)
      }
    expect(zcache.counters.writeback_skipped_swapcache).toBeGreaterThan(0)
    for (const vpn of hot) expect(mm.pte[vpn]).toBeGreaterThanOrEqual(0)
    settle()
  })

  it('swapoff with writes under way waits for them, then forgets every page', () => {
    const { start, mm, io, zcache } = engineUnderWriteback()
    start()
    mm.invalidateArea()
    expect([io.inflight, zcache.counters.outstanding_writeback_pages, zcache.counters.pers_zpages]).toEqual([0, 0, 0])
    expect([mm.slots.inUse, mm.frontswap?.pages]).toEqual([0, 0])
  })

  it('a write that fails leaves the page dirty, and its slot is not said to be on disk', () => {
    const { start, mm, io, zcache, settle } = engineUnderWriteback()
    const [vpn] = start()
    const { slot } = mm.whereIs(vpn)
    io.failSlot(slot, 'write')
    // What was submitted before the block went bad may have succeeded: the next writeback of this page will not.
    mm.drain()
    io.failNextWrites(1000)
    for (let at = 0; at < PAGES && zcache.counters.writeback_errors === 0; at++) start()
    mm.drain()
    expect(zcache.counters.writeback_errors).toBeGreaterThan(0)
    for (let page = 0; page < PAGES; page++) {
      const where = mm.whereIs(page)
      if (where.slot === slot) expect(where.onDisk).toBe(false)
    }
    // None of those that failed counts as written back either.
    const onDisk = Array.from({ length: PAGES }, (_, page) => mm.whereIs(page)).filter((where) => where.onDisk)
    expect(mm.countWrittenBack()).toBe(onDisk.length)
    io.heal()
    settle()
  })

  it('a page under writeback is not captured by the backend a second time', () => {
    const { start, mm, zcache, settle } = engineUnderWriteback()
    const stores = () => zcache.counters.succ_pers_puts + zcache.counters.failed_pers_puts
    const shrink = zcache.shrink.bind(zcache)
    zcache.shrink = (target) => {
      const before = stores()
      const begun = shrink(target)
      expect(stores()).toBe(before)
      return begun
    }
    const pages = start()
    const before = stores()
    mm.drain()
    expect(stores()).toBe(before)
    for (const vpn of pages) expect(mm.whereIs(vpn).onDisk).toBe(true)
    settle()
  })
})
