import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeEngine } from './fixture-engine.ts'
import { type SelfBalloon, XenTmem, type XenTmemOptions } from './index.ts'

const PAGES = 160
const FRAMES = 96
const MS = 1e6

const BALLOON: SelfBalloon = { intervalNs: 5 * MS, downHysteresis: 8, upHysteresis: 1, reserve: 4 }
const SHRINK = { intervalNs: 5 * MS, inertia: 3, hysteresis: 20, byAge: false }

function xen(options: Partial<XenTmemOptions> = {}, pages = PAGES) {
  const made: XenTmem[] = []
  const engine = makeEngine({
    pages,
    frames: FRAMES,
    lane: 'writeback off',
    clockStepNs: 2e4,
    size: () => 700,
    backend: (core, parts) => {
      const tmem = new XenTmem(
        core,
        {
          frames: FRAMES,
          slots: pages + 64,
          bootFrames: 40,
          allocator: 'zsmalloc',
          balloon: null,
          shrink: null,
          ...options,
        },
        parts,
      )
      made.push(tmem)
      return tmem
    },
  })
  const [tmem] = made
  const sound = () => expect([...engine.mm.audit(), ...tmem.audit()]).toEqual([])
  return { ...engine, tmem, sound }
}

const sweep = ({ access }: ReturnType<typeof xen>, write: boolean, pages = PAGES) => {
  for (let vpn = 0; vpn < pages; vpn++) access(vpn, write)
}

describe('tmem of a hypervisor', () => {
  it('has what the guest was not booted with, and refuses once that is full', () => {
    const engine = xen()
    const { tmem, mm, io, sound } = engine
    expect([tmem.counters.balloon_current_pages, tmem.counters.ballooned_out]).toEqual([FRAMES - 40, 40])
    sweep(engine, true)
    sweep(engine, true)
    expect(tmem.pool.counters.succ_pers_puts).toBeGreaterThan(50)
    expect(tmem.pool.counters.pers_pageframes).toBeLessThanOrEqual(40)
    expect(mm.counters.faults_pool).toBeGreaterThan(0)
    sound()
    const incompressible = xen({}, 400)
    sweep(incompressible, true, 400)
    sweep(incompressible, true, 400)
    expect(incompressible.tmem.pool.counters.failed_get_free_pages).toBeGreaterThan(0)
    expect(incompressible.io.counts.writes).toBeGreaterThan(io.counts.writes)
    incompressible.sound()
  })

  it('writes nothing back: what reaches the disk was refused', () => {
    const engine = xen({ balloon: BALLOON, shrink: SHRINK }, 400)
    sweep(engine, true, 400)
    sweep(engine, false, 400)
    const { mm, tmem } = engine
    mm.drain()
    expect(tmem.pool.counters.writtenback_pages).toBe(0)
    expect(mm.counters.pswpout).toBe(mm.frontswap?.counters.frontswap_failed_stores)
    engine.sound()
  })
})

describe('self-ballooning', () => {
  it('gives a guest that has touched little an eighth of its surplus to the hypervisor at each interval', () => {
    const engine = xen({ bootFrames: 0, balloon: BALLOON })
    const { tmem, access } = engine
    for (let vpn = 0; vpn < 10; vpn++) access(vpn, true)
    const sizes: number[] = []
    for (let i = 0; i < 6; i++) {
      tmem.tick(i * 5 * MS + 1)
      sizes.push(tmem.counters.balloon_current_pages)
    }
    // From 96 with one page touched (goal 5), then with ten (goal 14).
    expect(sizes).toEqual([85, 85, 77, 70, 63, 57])
    engine.sound()
  })

  it('stays where its surplus has no whole eighth', () => {
    const engine = xen({ bootFrames: 0, balloon: { ...BALLOON, reserve: 59 } })
    const { tmem, access } = engine
    for (let vpn = 0; vpn < 10; vpn++) access(vpn, true)
    for (let i = 0; i < 40; i++) tmem.tick(i * 5 * MS + 1)
    expect(tmem.counters.balloon_current_pages).toBe(59 + 10 + 7)
  })

  it('never gives away the last quarter of the allowance', () => {
    const engine = xen({ bootFrames: 0, balloon: { ...BALLOON, reserve: 0 } })
    const { tmem, access } = engine
    access(0, true)
    for (let i = 0; i < 100; i++) tmem.tick(i * 5 * MS + 1)
    expect([tmem.counters.balloon_target_pages, tmem.counters.balloon_current_pages]).toEqual([FRAMES / 4, FRAMES / 4])
    engine.sound()
  })

  it('leaves room for the pages that self-shrinking is to bring back', () => {
    const target = (shrink: XenTmemOptions['shrink']) => {
      const engine = xen({ balloon: { ...BALLOON, reserve: 0 }, shrink }, 90)
      sweep(engine, true, 90)
      for (let vpn = 20; vpn < 60; vpn++) engine.mm.free(vpn)
      const { pool, counters } = engine.tmem
      engine.tmem.tick(1e12)
      return { target: counters.balloon_target_pages, stored: pool.counters.pers_zpages }
    }
    const [without, having] = [target(null), target({ ...SHRINK, inertia: 1000 })]
    expect(having.stored).toBeGreaterThan(8)
    expect(having.target).toBeGreaterThan(without.target)
  })

  it('takes back at once what the workload touches more, as far as tmem has it free', () => {
    const engine = xen({ balloon: BALLOON })
    sweep(engine, true)
    const { tmem } = engine
    expect(tmem.counters.balloon_target_pages).toBe(FRAMES)
    expect(tmem.counters.ballooned_in).toBeGreaterThan(0)
    // Frames that hold zpages cannot be given.
    expect(tmem.counters.balloon_current_pages).toBe(FRAMES - tmem.pool.counters.pers_pageframes)
    engine.sound()
  })
})

it('self-shrinking pulls pages back once swapping has stopped, and what leaves again untouched is counted', () => {
  for (const byAge of [false, true]) {
    const engine = xen({ shrink: { ...SHRINK, byAge } })
    const { mm, access, tmem } = engine
    sweep(engine, true)
    for (let vpn = PAGES - 80; vpn < PAGES; vpn++) mm.free(vpn)
    for (let round = 0; round < 4000; round++) access(PAGES - 85, false)
    expect(tmem.counters.selfshrinks).toBeGreaterThan(0)
    expect(mm.counters.repatriated_pages).toBeGreaterThan(10)
    sweep(engine, true)
    expect(mm.counters.repatriated_stored_again + mm.counters.repatriated_used).toBeGreaterThan(0)
    engine.sound()
  }
})

it('gives every page back as last written, whatever guest, balloon and disk do', () => {
  const vpn = fc.nat(PAGES - 1)
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ sweep: vpn, count: fc.integer({ min: 1, max: 50 }), write: fc.boolean() }) },
    { weight: 2, arbitrary: fc.record({ free: vpn }) },
    { weight: 1, arbitrary: fc.constant({ drain: true } as const) },
  )
  fc.assert(
    fc.property(fc.array(step, { minLength: 10, maxLength: 60 }), fc.nat(), (steps, seed) => {
      const engine = xen({ balloon: { ...BALLOON, reserve: seed % 40 }, shrink: { ...SHRINK, byAge: seed % 2 === 0 } })
      for (const one of steps) {
        if ('sweep' in one) for (let i = 0; i < one.count; i++) engine.access((one.sweep + i) % PAGES, one.write)
        else if ('free' in one) engine.mm.free(one.free)
        else engine.mm.drain()
        engine.sound()
      }
      for (const page of engine.versions.keys()) engine.access(page, false)
      engine.mm.drain()
      engine.sound()
    }),
    { numRuns: 60 },
  )
})
