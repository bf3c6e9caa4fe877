import { describe, expect, it } from 'vitest'
import { FRAME_DIRTY, PATH_POOL } from '../mm/index.ts'
import { type EngineOptions, makeEngine } from './fixture-engine.ts'

const PAGES = 120
const FRAMES = 96

/** Pages of 1000 bytes, so that none is refused; writes go out at once. */
function make(options: Partial<EngineOptions> = {}) {
  const engine = makeEngine({
    pages: PAGES,
    frames: FRAMES,
    poolLimit: 60,
    lane: 'writeback off',
    exclusiveGets: false,
    size: () => 1000,
    swap: { batch: 1, slow: 0, shuffle: false },
    ...options,
  })
  const { mm, io, access } = engine
  const sweep = (write: boolean, from = 0, to = PAGES) => {
    for (let vpn = from; vpn < to; vpn++) access(vpn, write)
  }
  const pool = () => {
    const pool = engine.pool()
    if (!pool) throw new Error('a lane without a pool')
    return pool
  }
  const stored = () => pool().counters.pers_zpages
  const sound = () => {
    mm.drain()
    expect([...mm.audit(), ...pool().audit(io.inflight === 0)]).toEqual([])
  }
  /** A page that is in RAM and whose copy the pool has kept. */
  const doubled = () => {
    for (let vpn = 0; vpn < PAGES; vpn++) {
      const frame = mm.pte[vpn]
      if (frame >= 0 && mm.frames.slot[frame] >= 0 && mm.frontswap?.has(mm.frames.slot[frame]))
        return { vpn, frame, slot: mm.frames.slot[frame] }
    }
    throw new Error('no page is held twice')
  }
  return { ...engine, sweep, pool, stored, sound, doubled }
}

describe('gets that are not exclusive', () => {
  it('let a page that was only read leave RAM without a store and without a write', () => {
    const { mm, io, sweep, pool, sound } = make()
    sweep(true)
    for (let round = 0; round < 4; round++) sweep(false)
    const stores = pool().counters.succ_pers_puts
    for (let round = 0; round < 4; round++) sweep(false)
    expect(pool().counters.succ_pers_puts).toBe(stores)
    expect(io.counts.writes).toBe(0)
    expect(mm.counters.faults_pool).toBeGreaterThan(PAGES)
    expect(mm.counters.clean_drops).toBeGreaterThan(PAGES)
    sound()
  })

  it('are what makes the difference: with exclusive ones every such page is compressed again', () => {
    const { sweep, pool, sound } = make({ exclusiveGets: true })
    sweep(true)
    const stores = pool().counters.succ_pers_puts
    for (let round = 0; round < 4; round++) sweep(false)
    expect(pool().counters.succ_pers_puts).toBeGreaterThan(stores + PAGES)
    sound()
  })

  it('drop the copy with the first write to the page, and with its slot', () => {
    const { mm, access, sweep, stored, doubled, sound } = make()
    sweep(true)
    sweep(false)
    const written = doubled()
    const before = stored()
    access(written.vpn, true)
    expect([stored(), mm.frontswap?.has(written.slot)]).toEqual([before - 1, false])
    const freed = doubled()
    mm.free(freed.vpn)
    expect([stored(), mm.frontswap?.has(freed.slot)]).toEqual([before - 2, false])
    sound()
  })

  it('answer a fault from the pool again after the clean page was dropped', () => {
    const { mm, access, sweep, doubled } = make()
    sweep(true)
    sweep(false)
    const { vpn } = doubled()
    while (mm.pte[vpn] >= 0) for (let other = 0; other < PAGES; other++) if (other !== vpn) access(other, false)
    access(vpn, false)
    expect(mm.lastPath).toBe(PATH_POOL)
  })

  it.each(['lru-frame', 'lru-zpage'] as const)(
    'make writeback by %s pass over pages that are in RAM, and write others',
    (policy) => {
      const { io, sweep, pool, sound } = make({ lane: 'writeback on', policy, poolLimit: 30 })
      sweep(true)
      for (let round = 0; round < 6; round++) {
        sweep(false)
        sweep(true, 0, 20)
      }
      expect(pool().counters.writeback_skipped_swapcache).toBeGreaterThan(0)
      expect(pool().counters.writtenback_pages).toBeGreaterThan(0)
      expect(io.counts.writes).toBeGreaterThan(0)
      sound()
    },
  )

  it('let a policy that brings pages back give up the copy of one that is in RAM', () => {
    const { mm, sweep, stored, doubled, sound } = make()
    sweep(true)
    sweep(false)
    const { vpn, frame, slot } = doubled()
    const before = stored()
    expect(mm.repatriate(slot, 1e9)).toBe(true)
    expect([mm.pte[vpn], stored(), mm.counters.repatriated_pages]).toEqual([frame, before - 1, 0])
    sound()
  })

  it('are audited: a page may not be newer than a copy that counts as authoritative', () => {
    const { mm, sweep, doubled } = make()
    sweep(true)
    sweep(false)
    const { frame, slot } = doubled()
    expect(mm.audit()).toEqual([])
    mm.frames.flags[frame] |= FRAME_DIRTY
    expect(mm.audit()).toEqual([`slot ${slot} has a copy in the backend that is older than the page in frame ${frame}`])
  })
})
