import { describe, expect, it } from 'vitest'
import { PATH_DISK, PATH_POOL } from '../mm/index.ts'
import { type EngineOptions, makeEngine } from './fixture-engine.ts'

const PAGES = 160

/** Small zpages, so that several share a block, on a disk that ends nothing by itself between two looks. */
function engine(options: Partial<EngineOptions> = {}) {
  const made = makeEngine({
    pages: PAGES,
    frames: 72,
    poolLimit: 16,
    lane: 'writeback on',
    layout: 'log',
    form: 'zpage',
    size: (word) => 300 + ((word >>> 3) % 500),
    ...options,
    swap: { slow: 0, batch: 4, ...options.swap },
  })
  const pool = made.pool()
  const { log } = made
  if (!pool || !log) throw new Error('the engine has no pool or no log')
  const slotOf = (vpn: number) => -2 - made.mm.pte[vpn]
  const sweep = () => {
    for (let vpn = 0; vpn < PAGES; vpn++) made.access(vpn, true)
  }
  /** The first page that is nowhere but in a staged block. */
  const stagedPage = () => {
    const vpn = Array.from({ length: PAGES }, (_, vpn) => vpn).find(
      (vpn) => made.mm.pte[vpn] <= -2 && log.stagedOf(slotOf(vpn)) >= 0,
    )
    if (vpn === undefined) throw new Error('nothing is staged')
    return vpn
  }
  return { ...made, pool, log, sweep, slotOf, stagedPage }
}

describe('writeback of zpages as they are', () => {
  it('writes several to a block, takes no frame of the reserve, and reads each back from its block', () => {
    const { mm, log, pool, sweep, access, audit } = engine()
    sweep()
    const reserve = mm.frames.reserve
    mm.drain()
    expect(mm.frames.reserve).toBe(reserve)
    const { writtenback_pages, writtenback_zpages, writtenback_zpage_bytes } = pool.counters
    expect(writtenback_zpages).toBeGreaterThan(20)
    expect(writtenback_zpages).toBe(writtenback_pages)
    expect(log.counters.log_block_zpages).toBe(writtenback_zpages)
    // Each is a page swapped out, as those are that the pool refused.
    expect(mm.counters.pswpout).toBe(writtenback_zpages + (mm.frontswap?.counters.frontswap_failed_stores ?? 0))
    expect(log.counters.log_block_bytes).toBe(writtenback_zpage_bytes)
    expect(log.counters.log_written_pages).toBeLessThan(writtenback_zpages / 3)
    const disk = Array.from({ length: PAGES }, (_, vpn) => vpn).filter((vpn) => mm.whereIs(vpn).onDisk)
    access(disk[0], false)
    expect([mm.lastPath, pool.counters.zpage_block_reads, pool.counters.zpages_read_back]).toEqual([PATH_DISK, 1, 1])
    for (const vpn of disk) access(vpn, false)
    expect(audit()).toEqual([])
  })

  it('keeps the zpage on disk while the page that was read is clean, so that it leaves RAM without another write', () => {
    const { mm, log, sweep, access } = engine()
    sweep()
    mm.drain()
    const vpn = Array.from({ length: PAGES }, (_, vpn) => vpn).find((vpn) => mm.whereIs(vpn).onDisk) ?? -1
    const { slot } = mm.whereIs(vpn)
    const place = log.placeOf(slot)
    access(vpn, false)
    expect([mm.frames.slot[mm.pte[vpn]], log.placeOf(slot)]).toEqual([slot, place])
    access(vpn, true)
    expect(log.placeOf(slot)).toBe(-1)
  })

  it.each(['lru-zpage', 'lru-frame'] as const)('fills the blocks that a tight budget has paid for: %s', (policy) => {
    const budgetBytesPerDay = 300 * 4096 * 86_400
    const { mm, log, pool, sweep } = engine({
      policy,
      full: 'wait',
      size: () => 600,
      budgetBytesPerDay,
      clockStepNs: 5e4,
    })
    for (let round = 0; round < 12; round++) sweep()
    mm.drain()
    expect(pool.counters.writeback_skipped_budget).toBeGreaterThan(10)
    expect(pool.counters.writtenback_zpages / log.counters.log_blocks).toBeGreaterThan(4)
  })

  it('costs the budget a whole block, however few zpages are in it', () => {
    // Two of these fit no block together.
    const budgetBytesPerDay = 300 * 4096 * 86_400
    const { mm, log, pool, clock, sweep } = engine({ size: () => 2100, budgetBytesPerDay, clockStepNs: 5e4 })
    const start = clock.now()
    for (let round = 0; round < 12; round++) sweep()
    mm.drain()
    const allowed = (budgetBytesPerDay / 86_400e9) * (clock.now() - start)
    expect(pool.counters.writeback_skipped_budget).toBeGreaterThan(10)
    expect(log.counters.log_blocks).toBe(pool.counters.writtenback_zpages)
    expect(log.counters.log_blocks * 4096).toBeLessThanOrEqual(allowed)
    expect(log.counters.log_blocks * 4096).toBeGreaterThan(allowed / 2)
  })

  it('answers a fault from where the zpage is staged, and lets its write end into nothing', () => {
    const { mm, pool, sweep, access, stagedPage, audit } = engine({ background: 0, swap: { slow: 1, slowPolls: 1000 } })
    sweep()
    const vpn = stagedPage()
    access(vpn, false)
    expect(mm.lastPath).toBe(PATH_POOL)
    expect(pool.counters.staged_loads).toBeGreaterThan(0)
    // It is a load by a fault like any other.
    expect(pool.counters.fault_loads).toBe(mm.counters.faults_pool)
    mm.drain()
    expect(pool.counters.writeback_discarded).toBeGreaterThan(0)
    expect(pool.counters.outstanding_writeback_pages).toBe(0)
    access(vpn, false)
    expect(audit()).toEqual([])
  })

  it('keeps zpages whose write failed, still readable, and writes them with the next victims', () => {
    const { mm, io, log, pool, sweep, access, stagedPage, audit } = engine()
    sweep()
    mm.drain()
    io.failNextWrites(1)
    for (let vpn = 0; log.failedZpages === 0 && vpn < PAGES; vpn++) {
      access(vpn, true)
      mm.drain()
    }
    expect(log.failedZpages).toBeGreaterThan(0)
    expect(pool.counters.writeback_errors).toBeGreaterThan(0)
    expect(audit()).toEqual([])
    access(stagedPage(), false)
    io.heal()
    sweep()
    mm.drain()
    expect([log.failedZpages, pool.counters.outstanding_writeback_pages]).toEqual([0, 0])
    expect(audit()).toEqual([])
  })

  it('never takes the write of a freed slot for one of the page that got the slot next', () => {
    const { mm, log, sweep, access, slotOf, stagedPage, audit } = engine({ swap: { slow: 1, slowPolls: 1000 } })
    sweep()
    const vpn = stagedPage()
    const slot = slotOf(vpn)
    mm.free(vpn)
    expect([log.stagedOf(slot), log.placeOf(slot)]).toEqual([-1, -1])
    sweep()
    mm.drain()
    for (let page = 0; page < PAGES; page++) access(page, false)
    expect(audit()).toEqual([])
  })

  it('reads the others of a block ahead once faults go from one to the next', () => {
    const { mm, pool, sweep, access } = engine()
    sweep()
    sweep()
    mm.drain()
    for (let vpn = 0; vpn < PAGES; vpn++) access(vpn, false)
    expect(mm.counters.swap_ra_hit).toBeGreaterThan(10)
    expect(pool.counters.zpages_read_back).toBeGreaterThan(1.5 * pool.counters.zpage_block_reads)
  })

  it('writes what fits no block as a page', () => {
    const { mm, pool, sweep, access, audit } = engine({
      backend: 'zswap',
      policy: 'lru-zpage',
      size: (word) => ((word >>> 3) % 2 === 0 ? 4090 : 500),
    })
    sweep()
    mm.drain()
    const { writtenback_pages, writtenback_zpages } = pool.counters
    expect(writtenback_zpages).toBeGreaterThan(0)
    expect(writtenback_pages).toBeGreaterThan(writtenback_zpages)
    for (let vpn = 0; vpn < PAGES; vpn++) access(vpn, false)
    expect(audit()).toEqual([])
  })
})

describe('writeback in clusters', () => {
  it('writes with a victim what is next to it by slot, at most so many', () => {
    const shares = [1, 4].map((cluster) => {
      const { mm, pool, sweep, access, audit } = engine({ form: 'page', cluster, policy: 'lru-zpage' })
      sweep()
      // The order of ages is no longer that of slots.
      for (let i = 0; i < 400; i++) access((i * 67) % PAGES, false)
      mm.drain()
      expect(audit()).toEqual([])
      return pool.counters.writeback_clustered / pool.counters.writtenback_pages
    })
    expect(shares[0]).toBe(0)
    expect(shares[1]).toBeGreaterThan(0)
    expect(shares[1]).toBeLessThanOrEqual(3 / 4)
  })
})
