import { describe, expect, it } from 'vitest'
import { PATH_POOL } from '../mm/index.ts'
import { makeEngine } from './fixture-engine.ts'
import { type Zswap2013Form, zswap2013Rule } from './index.ts'
import { FakeView } from './policies/fixture-view.ts'

const PAGES = 300

function engine(form: Zswap2013Form, poolLimit: number, size: (word: number) => number = () => 1500) {
  const backend = form === 'v4' ? 'zswap v4' : 'zswap 3.11'
  const made = makeEngine({ pages: PAGES, frames: 150, poolLimit, lane: 'writeback on', backend, size, inflight: 32 })
  const pool = made.pool()
  if (!pool) throw new Error('a lane without a pool')
  const sweep = (write: boolean) => {
    for (let vpn = 0; vpn < PAGES; vpn++) made.access(vpn, write)
  }
  const sound = () => {
    made.mm.drain()
    expect([...made.mm.audit(), ...pool.audit(true)]).toEqual([])
  }
  return { ...made, pool, sweep, sound }
}

it.each([
  ['3.11', 3960],
  ['v4', 3317],
] as const)('zswap %s takes a zpage of %i bytes and refuses one byte more', (form, most) => {
  for (const [bytes, refused] of [
    [most, 0],
    [most + 1, 1],
  ]) {
    const { mm, pool, access } = engine(form, 30, () => bytes)
    for (let vpn = 0; vpn < 160; vpn++) access(vpn, true)
    expect([bytes, Math.sign(pool.counters.compress_poor)]).toEqual([bytes, refused])
    mm.drain()
  }
})

describe('zswap 3.11', () => {
  it('writes one frame back for each store at the limit, so that the young page stays', () => {
    const { pool, mm, sweep, sound } = engine('3.11', 30)
    sweep(true)
    sweep(true)
    const { counters } = pool
    expect(counters.writeback_frames).toBeGreaterThan(50)
    // Two zpages of 1500 bytes in a frame: a frame a store, twice the pages.
    expect(counters.writtenback_pages / counters.writeback_frames).toBeGreaterThan(1.5)
    expect(counters.pers_pageframes).toBeLessThanOrEqual(30)
    expect(mm.counters.pswpout).toBeGreaterThanOrEqual(counters.writtenback_pages)
    sound()
  })

  it('leaves the second zpage of a frame unwritten where the page of the first is in RAM: the frame would not come free', () => {
    const { pool, mm, access, sound } = engine('3.11', 30)
    for (let vpn = 0; vpn < 220; vpn++) access(vpn, true)
    if (pool.allocator.gives !== 'frame') throw new Error('not what it says')
    mm.drain()
    const frame = pool.allocator.oldestFrame()
    const [first, last] = [2 * frame, 2 * frame + 1].map((zpage) => pool.allocator.slotOf(zpage))
    for (let vpn = 216; vpn < 220; vpn++) mm.free(vpn)
    access(mm.swap.vpn[first], false)
    expect([mm.lastPath, pool.allocator.oldestFrame()]).toEqual([PATH_POOL, frame])
    const { writtenback_pages } = pool.counters
    for (let vpn = 220; pool.counters.writtenback_pages < writtenback_pages + 4; vpn++) {
      access(vpn, true)
      mm.io.drain()
    }
    expect(mm.frontswap?.has(last)).toBe(true)
    sound()
  })

  it('tries 8 frames, and counts the stores that got none', () => {
    const rule = zswap2013Rule('3.11')
    const view = new FakeView()
    expect(rule.onLimit?.(view)).toBe(8)
    rule.admit?.(view, 1000, 0)
    expect(rule.counters()).toMatchObject({ pool_limit_hit: 1, reject_reclaim_fail: 0 })
    rule.onLimit?.(view)
    rule.onLimit?.(view)
    expect(rule.counters()).toMatchObject({ pool_limit_hit: 3, reject_reclaim_fail: 2 })
  })
})

describe('zswap v4', () => {
  it('flushes once a store finds no room, and counts the stores that it saved', () => {
    const { pool, sweep, sound } = engine('v4', 30)
    sweep(true)
    sweep(true)
    expect(pool.counters.writtenback_pages).toBeGreaterThan(50)
    sound()
  })

  it('leaves it to chance when a frame comes free: its zsmalloc knew no compaction', () => {
    const { pool, sweep, sound } = engine('v4', 60, (word) => 300 + ((word >>> 3) % 2500))
    for (let round = 0; round < 3; round++) sweep(true)
    expect(pool.counters.writtenback_pages).toBeGreaterThan(50)
    expect(pool.allocator.stats()).toMatchObject({ objects_moved: 0, freeable: expect.any(Number) })
    sound()
  })

  it('keeps an entry that is loaded, and takes it to the young end', () => {
    const { mm, access, sweep } = engine('v4', 60, () => 400)
    sweep(true)
    const vpn = mm.pte.findIndex((entry) => entry <= -2 && mm.frontswap?.has(-2 - entry) === true)
    const slot = -2 - mm.pte[vpn]
    access(vpn, false)
    expect([mm.lastPath, mm.frontswap?.has(slot)]).toEqual([PATH_POOL, true])
    const view = new FakeView()
    view.storeMany(3)
    zswap2013Rule('v4').onLoad?.(view, view.oldest())
    expect(view.oldest()).toBe(1)
  })

  it('goes on with no flush above 64 pages under way, however many frames are in reserve', () => {
    const made = makeEngine({
      pages: 700,
      frames: 400,
      poolLimit: 60,
      lane: 'writeback on',
      backend: 'zswap v4',
      size: () => 1500,
      inflight: 100,
      swap: { slow: 1, slowPolls: 1e6, batch: 256 },
    })
    const { mm, access } = made
    const pool = made.pool()
    if (!pool) throw new Error('a lane without a pool')
    for (let vpn = 0; vpn < 600; vpn++) access(vpn, true)
    mm.drain()
    // Stores of slots that nobody has, one after the other, as no workload makes them: none waits for a write.
    for (let slot = 640; slot < 760; slot++) pool.store(slot, mm.pte[599])
    expect(mm.reserveFree).toBeGreaterThan(100)
    // The one that brings it above 64 is still begun.
    expect(pool.counters.outstanding_writeback_pages).toBe(65)
  })

  it('starts no flush above 64 pages under way, and says which stores that cost', () => {
    const rule = zswap2013Rule('v4')
    const view = new FakeView()
    view.storeMany(100)
    view.outstanding = 64
    expect(rule.onFull?.(view)).toBe(16)
    rule.onStore?.(view, 0)
    expect(rule.onFull?.(view)).toBe(16)
    view.outstanding = 65
    expect(rule.onFull?.(view)).toBe(0)
    expect(rule.counters()).toMatchObject({
      pool_limit_hit: 3,
      saved_by_flush: 1,
      reject_flush_attempted: 1,
      reject_flush_fail: 1,
    })
  })
})
