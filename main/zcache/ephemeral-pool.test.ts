import { describe, expect, it } from 'vitest'
import { PATH_CLEANCACHE, PATH_FILE } from '../mm/index.ts'
import { type EngineOptions, makeEngine } from './fixture-engine.ts'
import type { Policy } from './index.ts'

const PAGES = 320
/** A page of the file, for puts and gets behind mm's back. */
const GONE = 70

/** Pages 0, 2, 4, … are of the mapped file, the others anonymous; each compresses to 1000 bytes, two to a frame. */
function make(options: Partial<EngineOptions> = {}) {
  const engine = makeEngine({
    pages: PAGES,
    frames: 96,
    poolLimit: 40,
    lane: 'writeback off',
    fileEvery: 2,
    cleancache: true,
    size: () => 1000,
    swap: { batch: 1, slow: 0, shuffle: false },
    ...options,
  })
  const pool = engine.pool()
  if (!pool?.cleancache) throw new Error('a lane without cleancache')
  const { mm, io } = engine
  const { cleancache } = pool
  const evens = Array.from({ length: PAGES / 2 }, (_, i) => 2 * i)
  const readFile = () => {
    for (const vpn of evens) engine.access(vpn, false)
  }
  const writeAnonymous = () => {
    for (const vpn of evens) engine.access(vpn + 1, true)
  }
  const sound = () => {
    mm.drain()
    expect([...mm.audit(), ...pool.audit(io.inflight === 0)]).toEqual([])
    expect(pool.counters.pageframes_alloced - pool.counters.pageframes_freed).toBe(
      pool.counters.pers_pageframes + cleancache.counters.eph_pageframes,
    )
    expect(mm.frames.pool).toBe(pool.frames)
  }
  /** A page of the file that is kept. */
  const kept = () => evens.find((vpn) => mm.pte[vpn] < 0 && cleancache.getPage(vpn / 2, 0)) ?? -1
  return { ...engine, pool, cleancache, readFile, writeAnonymous, sound, kept, evens }
}

describe('the ephemeral half of zcache', () => {
  it('answers a fault on a clean file page, once: the get is exclusive', () => {
    const { mm, access, cleancache, readFile, evens, sound } = make()
    readFile()
    readFile()
    const gone = evens.filter((vpn) => mm.pte[vpn] < 0)
    const before = cleancache.counters.eph_zpages
    expect(before).toBeGreaterThan(0)
    const found = gone.reverse().find((vpn) => {
      access(vpn, false)
      return mm.lastPath === PATH_CLEANCACHE
    })
    expect(found).toBeDefined()
    expect(cleancache.getPage((found ?? 0) / 2, 95)).toBe(false)
    sound()
  })

  it('gives way to a persistent put that finds no frame: the oldest ephemeral frame is taken for it', () => {
    const { cleancache, pool, readFile, writeAnonymous, sound } = make()
    readFile()
    readFile()
    expect(cleancache.counters.eph_pageframes).toBeGreaterThan(4)
    writeAnonymous()
    writeAnonymous()
    const { pers_ate_eph, evicted_eph_pageframes, evicted_eph_zpages } = cleancache.counters
    expect(pers_ate_eph).toBeGreaterThan(0)
    expect(evicted_eph_pageframes).toBeGreaterThanOrEqual(pers_ate_eph)
    expect(evicted_eph_zpages).toBeGreaterThan(evicted_eph_pageframes)
    expect(pool.counters.failed_get_free_pages).toBeGreaterThanOrEqual(pers_ate_eph)
    expect(pool.frames).toBeLessThanOrEqual(40)
    sound()
  })

  it('gives way before a policy is asked for room', () => {
    const left: number[] = []
    const policy: Policy = {
      unit: 'zpage',
      onFull() {
        left.push(cleancache.counters.eph_pageframes)
        return 0
      },
    }
    const { mm, pool, cleancache } = make({ lane: 'writeback on', policy, frames: 400, poolLimit: 30 })
    const frame = mm.fault(0)
    for (let page = 1; page <= 40; page++) cleancache.putPage(page, frame)
    expect(cleancache.counters.eph_pageframes).toBe(20)
    let slot = 0
    while (left.length < 3) pool.store(slot++, frame)
    expect([left, cleancache.counters.pers_ate_eph, pool.counters.pers_pageframes]).toEqual([[0, 0, 0], 20, 30])
  })

  it('gives a zspage as many of its oldest frames as it lacks, and keeps zbud itself (zcache of 2011)', () => {
    const { cleancache, mm, pool, readFile, sound } = make({ allocator: 'zsmalloc', size: () => 1900, poolLimit: 24 })
    readFile()
    readFile()
    const { allocator, counters } = pool
    expect([allocator.gives, cleancache.allocator.gives]).toEqual(['compaction', 'frame'])
    const frame = mm.pte.findLast((frame) => frame >= 0) ?? 0
    let most = 0
    for (let slot = 0; cleancache.counters.pers_ate_eph_failed === 0; slot++) {
      const { pers_ate_eph } = cleancache.counters
      pool.store(slot, frame)
      most = Math.max(most, cleancache.counters.pers_ate_eph - pers_ate_eph)
    }
    expect(most).toBeGreaterThan(1)
    expect(most).toBeLessThanOrEqual(allocator.framesFor(1900))
    expect(counters.pers_zpages).toBeGreaterThan(2 * counters.pers_pageframes)
    expect(pool.frames).toBeLessThanOrEqual(24)
    pool.invalidateArea()
    sound()
  })

  it('eats its own tail at the limit, and says so where there is none', () => {
    const { cleancache, readFile, sound } = make({ poolLimit: 4, frames: 64 })
    for (let round = 0; round < 4; round++) readFile()
    expect(cleancache.counters.eph_ate_tail).toBeGreaterThan(0)
    expect(cleancache.counters.eph_pageframes).toBeLessThanOrEqual(4)
    sound()
    const full = make({ poolLimit: 6 })
    for (let round = 0; round < 3; round++) {
      full.writeAnonymous()
      full.readFile()
    }
    expect(full.cleancache.counters.eph_ate_tail_failed).toBeGreaterThan(0)
    expect(full.cleancache.counters.pers_ate_eph_failed).toBeGreaterThan(0)
    full.sound()
  })

  it('takes what its gate lets in: more than persistent pages may have, at most 4000 bytes', () => {
    const large = make({ size: () => 3900 })
    large.readFile()
    large.readFile()
    expect(large.cleancache.counters.succ_eph_puts).toBeGreaterThan(0)
    const tooLarge = make({ size: () => 4001 })
    tooLarge.readFile()
    tooLarge.readFile()
    expect(tooLarge.cleancache.counters.succ_eph_puts).toBe(0)
    expect(tooLarge.pool.counters.compress_poor).toBe(tooLarge.cleancache.counters.failed_eph_puts)
  })

  it('drops frames beyond the resident file pages when memory is short (step A of the shrinker)', () => {
    const { mm, cleancache, pool, readFile, writeAnonymous, sound } = make({ poolLimit: 60 })
    readFile()
    readFile()
    writeAnonymous()
    writeAnonymous()
    pool.shrink(32)
    const { eph_pageframes, last_active_file_pageframes, last_inactive_file_pageframes } = cleancache.counters
    expect(last_active_file_pageframes + last_inactive_file_pageframes).toBe(mm.activeFilePages + mm.inactiveFilePages)
    expect(eph_pageframes).toBeLessThanOrEqual(mm.activeFilePages + mm.inactiveFilePages)
    sound()
  })

  it('comes before persistent frames under both policies of the balance, and spares some of them under the second', () => {
    const writtenBack = (policy: 'lru-balance' | 'lru-balance-ephemeral-first') => {
      const { mm, pool, cleancache, readFile, writeAnonymous, sound } = make({
        lane: 'writeback on',
        policy,
        frames: 160,
        poolLimit: 120,
        background: 4,
      })
      for (let round = 0; round < 4; round++) {
        writeAnonymous()
        readFile()
      }
      mm.drain()
      sound()
      expect(cleancache.counters.evicted_eph_pageframes).toBeGreaterThan(0)
      return pool.counters.writtenback_pages
    }
    const [balance, first] = [writtenBack('lru-balance'), writtenBack('lru-balance-ephemeral-first')]
    expect(first).toBeGreaterThan(0)
    expect(first).toBeLessThan(balance)
  })

  it('flushes a page and an inode, after which every get misses', () => {
    const { mm, access, cleancache, readFile, kept, evens, sound } = make()
    readFile()
    readFile()
    cleancache.flushInode()
    expect([kept(), cleancache.counters.eph_zpages, cleancache.counters.eph_pageframes]).toEqual([-1, 0, 0])
    const gone = evens.find((vpn) => mm.pte[vpn] < 0) ?? -1
    cleancache.putPage(gone / 2, mm.pte[evens.find((vpn) => mm.pte[vpn] >= 0) ?? 0])
    mm.file?.cleancache?.flushPage(gone / 2)
    access(gone, false)
    expect(mm.lastPath).toBe(PATH_FILE)
    sound()
  })

  it('goes with its file system, and swap with its area: by objects and pools, and nothing is left of either', () => {
    const { mm, pool, cleancache, access, evens, readFile } = make({ poolLimit: 60 })
    readFile()
    readFile()
    for (const vpn of evens.slice(0, 100)) access(vpn + 1, true)
    const { pers_pageframes } = pool.counters
    const { eph_pageframes, eph_zpages } = cleancache.counters
    expect(Math.min(pers_pageframes, eph_pageframes)).toBeGreaterThan(0)
    expect(pool.leftovers()).toEqual([
      `${pers_pageframes + eph_pageframes} frames are left over`,
      `${pool.counters.pers_zpages + eph_zpages} zpages are left over`,
      expect.stringMatching(/^\d+ objects of tmem/),
      expect.stringMatching(/^\d+ nodes of tmem/),
    ])
    const { flobj_total, flobj_found, obj_count } = pool.index.counters()
    mm.takeDown()
    expect([pool.leftovers(), pool.audit(true), mm.audit(), mm.frames.pool, mm.slots.inUse]).toEqual([[], [], [], 0, 0])
    // The area is 256 objects, with pages in some; the file is one.
    expect(pool.index.counters()).toMatchObject({
      flobj_total: flobj_total + 257,
      flobj_found: flobj_found + obj_count,
    })
    expect(() => cleancache.getPage(GONE, mm.pte.find((frame) => frame >= 0) ?? 0)).toThrow(/no tmem pool/)
  })

  it('a put that is refused leaves no older copy, of either kind, frozen or not', () => {
    const { mm, pool, cleancache, readFile, evens } = make({ frames: 400, poolLimit: 100 })
    readFile()
    const frame = mm.pte[0]
    expect(cleancache.putPage(GONE, frame)).toBe(true)
    expect(pool.store(3, frame)).toBe(true)
    pool.freeze(true)
    expect([cleancache.putPage(GONE, frame), pool.store(3, frame), pool.counters.put_to_flush]).toEqual([
      false,
      false,
      2,
    ])
    pool.freeze(false)
    const spare = mm.pte[evens[1]]
    expect([cleancache.getPage(GONE, spare), pool.load(3, spare, true)]).toEqual([false, false])
    expect(cleancache.putPage(GONE, frame)).toBe(true)
  })

  it('keeps the newer of two puts of a page', () => {
    const { mm, words, cleancache, readFile } = make({ frames: 400, poolLimit: 100 })
    readFile()
    const [first, second, target] = [mm.pte[0], mm.pte[2], mm.pte[4]]
    cleancache.putPage(GONE, first)
    cleancache.putPage(GONE, second)
    expect(cleancache.counters.eph_zpages).toBe(1)
    expect(cleancache.getPage(GONE, target)).toBe(true)
    expect(words[target * 1024]).toBe(words[second * 1024])
  })

  it('takes only pages that were active, where it is asked to, of both kinds', () => {
    const { mm, cleancache, pool, readFile, writeAnonymous, sound } = make({ switches: { activeOnly: true } })
    readFile()
    writeAnonymous()
    readFile()
    expect(cleancache.counters.eph_nonactive_puts_ignored).toBeGreaterThan(0)
    expect(pool.counters.pers_nonactive_puts_ignored).toBeGreaterThan(0)
    expect([cleancache.counters.succ_eph_puts, pool.counters.succ_pers_puts]).toEqual([0, 0])
    expect(mm.counters.pgactivate).toBe(0)
    // Who is not asked for is turned away at the door, be the pool behind it frozen or not.
    pool.freeze(true)
    readFile()
    writeAnonymous()
    expect(pool.counters.put_to_flush).toBe(0)
    sound()
  })

  it('works without its other half', () => {
    const { mm, io, access, evens, pool, cleancache, readFile, writeAnonymous, sound } = make({
      switches: { frontswap: false },
    })
    for (let round = 0; round < 3; round++) {
      writeAnonymous()
      readFile()
      for (const vpn of evens.toReversed()) access(vpn, false)
    }
    expect([mm.frontswap, pool.counters.succ_pers_puts]).toEqual([null, 0])
    expect(cleancache.counters.eph_gets).toBeGreaterThan(0)
    expect(io.counts.writes).toBeGreaterThan(0)
    sound()
  })
})
