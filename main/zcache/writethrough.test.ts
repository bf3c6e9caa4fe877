import { describe, expect, it } from 'vitest'
import { FRAME_DIRTY, PATH_POOL, PATH_SWAPCACHE } from '../mm/index.ts'
import { type EngineOptions, makeEngine } from './fixture-engine.ts'

const PAGES = 160

function make(options: Partial<EngineOptions> = {}) {
  const engine = makeEngine({
    pages: PAGES,
    frames: 96,
    poolLimit: 60,
    lane: 'writeback off',
    switches: { writethrough: true },
    size: () => 1000,
    swap: { batch: 1, slow: 0, shuffle: false },
    ...options,
  })
  const pool = engine.pool()
  if (!pool) throw new Error('a lane without a pool')
  const { mm, io } = engine
  const sweep = (write: boolean) => {
    for (let vpn = 0; vpn < PAGES; vpn++) engine.access(vpn, write)
  }
  const sound = () => {
    mm.drain()
    expect([...mm.audit(), ...pool.audit(io.inflight === 0)]).toEqual([])
  }
  return { ...engine, pool, sweep, sound }
}

describe('writethrough', () => {
  it('writes every page it stores to disk as well, and faults are answered from the pool all the same', () => {
    const { mm, io, pool, sweep, sound } = make()
    for (let round = 0; round < 3; round++) sweep(true)
    mm.drain()
    expect(pool.counters.succ_pers_puts).toBeGreaterThan(PAGES / 2)
    expect(io.counts.writes).toBe(pool.counters.succ_pers_puts + pool.counters.failed_pers_puts)
    expect(mm.counters.faults_pool).toBeGreaterThan(20)
    expect(pool.counters.pers_zpages).toBeGreaterThan(20)
    expect(mm.cleanCopies).toBe(pool.counters.pers_zpages)
    sound()
  })

  it('lets a policy make room without a single write of its own', () => {
    const { mm, io, pool, sweep, sound } = make({ lane: 'writeback on', policy: 'lru-frame', poolLimit: 24 })
    for (let round = 0; round < 4; round++) sweep(true)
    mm.drain()
    expect(mm.counters.clean_copies_dropped).toBeGreaterThan(0)
    expect(pool.counters.writtenback_pages).toBe(0)
    expect(io.counts.writes).toBe(pool.counters.succ_pers_puts + pool.counters.failed_pers_puts)
    sound()
  })

  it.each(['lru-frame', 'lru-zpage'] as const)(
    'lets %s make room when the budget for writes is exhausted',
    (policy) => {
      const exhausted = { lane: 'writeback on', policy, poolLimit: 24, budgetBytesPerDay: 1 } as const
      const { mm, pool, sweep, sound } = make(exhausted)
      for (let round = 0; round < 4; round++) sweep(true)
      expect(mm.counters.clean_copies_dropped).toBeGreaterThan(20)
      expect(pool.counters.writtenback_pages).toBe(0)
      sound()
      const dirty = make({ ...exhausted, switches: {} })
      for (let round = 0; round < 4; round++) dirty.sweep(true)
      expect([dirty.mm.counters.clean_copies_dropped, dirty.pool.counters.writtenback_pages]).toEqual([0, 0])
      expect(dirty.pool.counters.writeback_skipped_budget).toBeGreaterThan(0)
      dirty.sound()
    },
  )

  it('keeps a page in the pool whose write has failed', () => {
    const { mm, io, pool, sweep, sound } = make()
    io.failNextWrites(40)
    sweep(true)
    mm.drain()
    expect(mm.counters.write_errors).toBeGreaterThan(10)
    expect(mm.cleanCopies).toBeLessThan(pool.counters.pers_zpages)
    sweep(false)
    sound()
  })

  it('leaves a page clean that is loaded: the disk has it, though the pool has not any more', () => {
    const { mm, access, sweep, sound } = make()
    sweep(true)
    mm.drain()
    const vpn = mm.pte.findIndex((entry) => entry <= -2 && mm.frontswap?.has(-2 - entry) === true)
    const slot = -2 - mm.pte[vpn]
    access(vpn, false)
    const frame = mm.pte[vpn]
    expect([mm.lastPath, mm.frontswap?.has(slot), mm.swap.frame[slot]]).toEqual([PATH_POOL, false, frame])
    expect(mm.frames.flags[frame] & FRAME_DIRTY).toBe(0)
    sound()
  })

  it('keeps no zpage of a page that is written to while its first content is still on its way to disk', () => {
    const { mm, io, access, pool, sound } = make({ background: 0, swap: { batch: 1, slow: 1, slowPolls: 1e6 } })
    const underWay = () => mm.pte.findIndex((entry) => entry <= -2 && mm.swap.frame[-2 - entry] >= 0)
    for (let vpn = 0; underWay() < 0; vpn++) access(vpn, true)
    const vpn = underWay()
    const slot = -2 - mm.pte[vpn]
    expect([io.inflight > 0, mm.frontswap?.has(slot)]).toEqual([true, true])
    const { pers_zpages } = pool.counters
    access(vpn, false)
    expect([mm.lastPath, mm.frontswap?.has(slot)]).toEqual([PATH_SWAPCACHE, true])
    access(vpn, true)
    expect([mm.frontswap?.has(slot), pool.counters.pers_zpages]).toEqual([false, pers_zpages - 1])
    sound()
    access(vpn, false)
  })

  it('forgets both copies with a write to the page', () => {
    const { mm, access, pool, sweep, sound } = make({ exclusiveGets: false })
    sweep(true)
    sweep(false)
    mm.drain()
    const slotOf = (page: number) => (mm.pte[page] >= 0 ? mm.frames.slot[mm.pte[page]] : -1)
    const vpn = [...Array(PAGES).keys()].find((page) => slotOf(page) >= 0 && mm.frontswap?.has(slotOf(page))) ?? -1
    const [copies, zpages] = [mm.cleanCopies, pool.counters.pers_zpages]
    access(vpn, true)
    expect([mm.cleanCopies, pool.counters.pers_zpages]).toEqual([copies - 1, zpages - 1])
    sound()
  })
})
