import { describe, expect, it } from 'vitest'
import { makeEngine } from './fixture-engine.ts'
import { reserveFrames } from './index.ts'

/** The bounds: `none` is plain swap plus a pool that is never written back, and no more. */

const PAGES = 160
const INFLIGHT = 8

function swept(options: Pick<Parameters<typeof makeEngine>[0], 'lane' | 'frames' | 'size' | 'poolLimit'>) {
  const engine = makeEngine({ ...options, pages: PAGES, policy: 'none', inflight: INFLIGHT, swap: { slow: 0 } })
  for (let round = 0; round < 5; round++)
    for (let vpn = 0; vpn < PAGES; vpn++) {
      const page = (vpn * 7 + round) % PAGES
      engine.access(page, page % 3 === 0)
    }
  engine.mm.drain()
  expect(engine.audit()).toEqual([])
  return engine
}

describe('none', () => {
  it('is plain swap, count for count, where the pool can take nothing', () => {
    const raw = swept({ lane: 'raw', frames: 64 })
    // The reserve is part of its RAM, and idle here: without writeback it would not be kept.
    const none = swept({ lane: 'writeback on', frames: 64 + reserveFrames(INFLIGHT), size: () => 4096 })
    expect(none.mm.frontswap?.counters.frontswap_failed_stores).toBeGreaterThan(100)
    expect(none.mm.counters).toEqual(raw.mm.counters)
    expect(none.io.counts).toEqual(raw.io.counts)
  })

  it('is that plus the pool: every page that leaves RAM is dropped, stored or written, and none is ever written back', () => {
    const { mm, pool } = swept({
      lane: 'writeback on',
      frames: 64 + reserveFrames(INFLIGHT),
      size: () => 1000,
      poolLimit: 20,
    })
    const { counters } = mm
    const stores = mm.frontswap?.counters.frontswap_succ_stores ?? 0
    expect(stores).toBeGreaterThan(40)
    expect(counters.pswpout).toBeGreaterThan(40)
    expect(counters.pgsteal).toBe(counters.clean_drops + stores + counters.pswpout)
    expect(pool()?.counters.writtenback_pages).toBe(0)
    expect(counters.refaults).toBe(0)
  })
})
