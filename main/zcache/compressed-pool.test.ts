import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { AllocatorName } from '../contract/index.ts'
import { type EngineOptions, makeEngine, makePolicy, SizedCodec } from './fixture-engine.ts'
import { type CompressedPool, type Policy, SameFilled } from './index.ts'

/** What the pool promises whichever allocator and index it has; coherency.test.ts has the contents. */

const PAGES = 400

function swept(options: Partial<EngineOptions>, rounds = 3) {
  const engine = makeEngine({ pages: PAGES, frames: 200, poolLimit: 80, lane: 'writeback off', ...options })
  for (let round = 0; round < rounds; round++)
    for (let vpn = 0; vpn < PAGES; vpn++) engine.access(vpn, (vpn + round) % 3 === 0)
  const pool = engine.pool()
  if (!pool) throw new Error('a lane without a pool')
  return { ...engine, pool }
}

const effective = ({ counters }: CompressedPool) => counters.pers_zpages / counters.pers_pageframes

describe('effective ratio', () => {
  it.each(['zbud', 'zbud-zswap'] as const)('never exceeds 2 with %s, whatever the pages compress to', (allocator) => {
    fc.assert(
      fc.property(
        fc.integer({ min: 40, max: 3000 }),
        fc.nat(2000),
        fc.constantFrom('zcache', 'zswap'),
        (least, spread, b) => {
          const size = (word: number) => least + ((word >>> 3) % (spread + 1))
          const { pool } = swept({ backend: b, allocator, size }, 1)
          expect(effective(pool)).toBeLessThanOrEqual(2)
        },
      ),
      { numRuns: 15 },
    )
  })

  it.each([
    ['z3fold', 2.5, 3],
    ['zsmalloc', 3, 6],
  ] as const)('of %s passes 2 where pages compress to 700 bytes', (allocator, least, most) => {
    const { pool } = swept({ backend: 'zswap', allocator, size: () => 700, frames: 160, poolLimit: 24 })
    expect(effective(pool)).toBeGreaterThan(least)
    expect(effective(pool)).toBeLessThanOrEqual(most)
  })
})

describe('pages that do not compress', () => {
  const third = (word: number) => ((word >>> 3) % 3 === 0 ? 4200 : 900)
  const options = { backend: 'zswap', lane: 'writeback on', policy: 'watermark', size: third } as const

  it.each(['z3fold', 'zsmalloc'] as const)('are kept raw by zswap over %s, and come back', (allocator) => {
    const { pool, mm } = swept({ ...options, allocator }, 1)
    expect(pool.rawPages).toBeGreaterThan(10)
    expect(pool.counters.compress_poor).toBe(0)
    const { pool: later } = swept({ ...options, allocator }, 3)
    expect(later.counters.pers_gets).toBeGreaterThan(100)
    expect([...mm.audit(), ...pool.audit(false)]).toEqual([])
  })

  it('take one frame each and leave it whole', () => {
    const { pool } = swept({ ...options, policy: 'none', size: () => 4200 })
    expect(pool.rawPages).toBeGreaterThan(0)
    expect([pool.counters.pers_zpages, effective(pool)]).toEqual([pool.rawPages, 1])
    expect(pool.counters.pers_zbytes).toBe(pool.rawPages * 4096)
    expect(pool.allocator.stats().fragmentation).toBe(0)
  })

  it.each([
    ['asked to', { incompressible: 'reject' }],
    ['without writeback, as in the kernel', { lane: 'writeback off' }],
    ['as zcache, whatever the allocator', { backend: 'zcache', allocator: 'zsmalloc' }],
  ] as const)('are refused %s', (_, change) => {
    const { pool } = swept({ ...options, ...change })
    expect(pool.rawPages).toBe(0)
    expect(pool.counters.compress_poor).toBeGreaterThan(10)
  })

  it('cannot be kept raw by an allocator that takes no whole page', () => {
    expect(() => swept({ ...options, allocator: 'zbud', incompressible: 'raw' })).toThrow(
      /zbud takes at most 4000 bytes/,
    )
  })

  it('zcache refuses above 7/8 of a page, zswap compresses up to 4095 bytes', () => {
    const size = () => 4000
    expect(swept({ ...options, backend: 'zcache', allocator: 'zsmalloc', size }).pool.counters.pers_zpages).toBe(0)
    const { pool } = swept({ ...options, size })
    expect([pool.rawPages, pool.counters.pers_zpages > 0]).toEqual([0, true])
  })
})

describe('victims', () => {
  it.each(['lru-frame', 'one-per-store', 'lru-balance', 'cost-benefit'] as const)(
    'of %s are frames, which zsmalloc cannot give',
    (policy) => {
      const lane = { lane: 'writeback on', backend: 'zswap', policy } as const
      expect(() => swept({ ...lane, allocator: 'zsmalloc' })).toThrow(/evicts whole frames/)
      expect(swept({ ...lane, allocator: 'z3fold', frames: 160 }).pool.counters.pers_zpages).toBeGreaterThan(0)
    },
  )

  it('of z3fold are up to three zpages, and give one frame each', () => {
    const { pool, mm } = swept({
      lane: 'writeback on',
      backend: 'zswap',
      allocator: 'z3fold',
      policy: 'lru-frame',
      size: () => 1200,
    })
    mm.drain()
    const { writeback_frames, writtenback_pages } = pool.counters
    expect(writtenback_pages).toBeGreaterThan(50)
    expect(writtenback_pages / writeback_frames).toBeGreaterThan(2)
    expect(writtenback_pages / writeback_frames).toBeLessThanOrEqual(3)
    expect([...mm.audit(), ...pool.audit(true)]).toEqual([])
  })

  it('of z3fold need three pages in flight', () => {
    const lane = { lane: 'writeback on', allocator: 'z3fold', policy: 'lru-frame' } as const
    expect(() => swept({ ...lane, inflight: 2 })).toThrow(/may be 3 pages, and 2 may be in flight/)
  })

  it('see the zpage whose frame comes free with theirs, whatever the allocator', () => {
    for (const allocator of AllocatorName.options) {
      let pairs = 0
      const watching: Policy = {
        unit: 'zpage',
        onTick(view) {
          for (let zpage = view.oldest(); zpage >= 0; zpage = view.younger(zpage)) {
            const other = view.neighbour(zpage)
            if (other < 0) continue
            expect(view.holds(other)).toBe(true)
            pairs++
          }
          return 0
        },
      }
      swept({ lane: 'writeback on', allocator, policy: watching, clockStepNs: 1e5, size: () => 700 }, 1)
      expect([allocator, pairs > 0]).toEqual([allocator, true])
    }
  })
})

describe('a store that waits for room', () => {
  it('writes back no more zpages than it needs for itself', () => {
    const { pool, mm } = swept(
      { lane: 'writeback on', policy: 'lru-zpage', full: 'wait', size: () => 1000, poolLimit: 40 },
      1,
    )
    expect(pool.counters.age_inversions).toBe(0)
    expect(pool.counters.pers_zpages).toBeGreaterThan(60)
    mm.drain()
    expect(pool.audit(true)).toEqual([])
  })

  it('finds it in zsmalloc too, whose frames come free in chains', () => {
    const lane = { lane: 'writeback on', backend: 'zswap', full: 'wait', policy: makePolicy('reject') } as const
    const { pool } = swept({ ...lane, poolLimit: 40 }, 1)
    expect(pool.counters.age_inversions).toBe(0)
    expect(pool.counters.writeback_frames).toBeGreaterThan(0)
  })
})

describe('zswap at its limit, and while its worker drains', () => {
  it('refuses a store before its page is compressed', () => {
    const compress = vi.spyOn(SizedCodec.prototype, 'compress')
    const lane = { backend: 'zswap', allocator: 'zbud-zswap', incompressible: 'reject', policy: 'watermark' } as const
    const { pool } = swept({ ...lane, lane: 'writeback on', size: () => 1000, inflight: 2 })
    const compressed = compress.mock.calls.length
    compress.mockRestore()
    const { succ_pers_puts, failed_pers_puts, age_inversions, policy_rejects, failed_get_free_pages } = pool.counters
    expect(age_inversions).toBeGreaterThan(0)
    expect(policy_rejects).toBeGreaterThan(20)
    expect(failed_pers_puts).toBe(failed_get_free_pages + policy_rejects)
    // What is compressed in vain finds no free frame, below the limit.
    expect(compressed - succ_pers_puts).toBe(failed_get_free_pages - age_inversions)
  })

  it('refuses pages of one word as well, which need no room; zram does not', () => {
    let full = false
    const dropped: number[] = []
    const pool = swept({ backend: 'zswap' }, 1).pool
    const words = { keep: () => true, restore: () => {} }
    const watched = { ...pool, invalidatePage: (slot: number) => dropped.push(slot) }
    const limit = { refuses: () => full }
    for (const [same, taken] of [
      [new SameFilled(Object.assign(Object.create(pool), watched), words, 4, limit), false],
      [new SameFilled(Object.assign(Object.create(pool), watched), words, 4), true],
    ] as const) {
      full = false
      expect(same.store(2, 0)).toBe(true)
      full = true
      expect(same.store(2, 0)).toBe(taken)
      expect(same.counters.same_filled_pages).toBe(taken ? 1 : 0)
      expect(same.audit()).toEqual([])
    }
  })
})

describe('compaction after writeback', () => {
  const scattered = { backend: 'zswap', lane: 'writeback on', policy: 'lru-zpage', poolLimit: 60 } as const

  it('gives frames back for the zpages written, never more at a time than pages were written', () => {
    const on = swept({ ...scattered, compaction: true })
    const off = swept({ ...scattered, compaction: false })
    expect(on.pool.allocator.stats()).toMatchObject({ pages_compacted: expect.any(Number) })
    expect(Number(Object(on.pool.allocator.stats()).pages_compacted)).toBeGreaterThan(0)
    expect(Object(off.pool.allocator.stats()).pages_compacted).toBe(0)
    const perPage = ({ counters }: CompressedPool) => counters.writeback_frames / counters.writtenback_pages
    expect(perPage(on.pool)).toBeGreaterThan(perPage(off.pool))
  })
})
