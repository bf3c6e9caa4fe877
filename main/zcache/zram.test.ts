import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeEngine } from './fixture-engine.ts'
import {
  type CompressedPool,
  openZram,
  ZRAM_MAX_ZPAGE_BYTES,
  type ZramOptions,
  type ZramWriteback,
  zramWriteback,
} from './index.ts'
import { FakeView } from './policies/fixture-view.ts'

const PAGES = 200
const FRAMES = 120

function zram(options: Partial<ZramOptions> = {}, size: (word: number) => number = () => 1000, clockStepNs = 1) {
  const pools: CompressedPool[] = []
  const engine = makeEngine({
    pages: PAGES,
    frames: FRAMES,
    lane: options.writeback ? 'writeback on' : 'writeback off',
    inflight: 8,
    clockStepNs,
    size,
    backend: (core, parts) => {
      const slots = PAGES + 64
      const pool = openZram(
        core,
        { frames: FRAMES, slots, disksize: slots, memLimit: FRAMES, writeback: null, ...options },
        parts,
      )
      pools.push(pool)
      return pool
    },
  })
  const [zpool] = pools
  const sweep = (write: boolean) => {
    for (let vpn = 0; vpn < PAGES; vpn++) engine.access(vpn, write)
  }
  const sound = () => {
    engine.mm.drain()
    expect([...engine.mm.audit(), ...zpool.audit(true)]).toEqual([])
  }
  return { ...engine, zpool, sweep, sound }
}

describe('zram', () => {
  it('keeps what is written to it until the slot is freed or the page is written to', () => {
    const { mm, access, zpool, sweep, sound } = zram()
    sweep(true)
    const vpn = mm.pte.findIndex((entry) => entry <= -2 && mm.frontswap?.has(-2 - entry) === true)
    const slot = -2 - mm.pte[vpn]
    access(vpn, false)
    expect(mm.frontswap?.has(slot)).toBe(true)
    const before = zpool.counters.pers_zpages
    access(vpn, true)
    expect([mm.frontswap?.has(slot), zpool.counters.pers_zpages]).toEqual([false, before - 1])
    sound()
  })

  it('lets what does not fit its disksize or mem_limit pass to the swap file, while older pages stay', () => {
    for (const limit of [{ disksize: 30 }, { memLimit: 10 }]) {
      const { io, zpool, sweep, sound } = zram(limit)
      sweep(true)
      sweep(true)
      expect(zpool.counters.failed_pers_puts).toBeGreaterThan(20)
      expect(io.counts.writes).toBeGreaterThan(20)
      expect(zpool.counters.pers_zpages).toBeLessThanOrEqual(limit.disksize ?? PAGES)
      expect(zpool.counters.pers_pageframes).toBeLessThanOrEqual(limit.memLimit ?? FRAMES)
      sound()
    }
  })

  it('keeps a page raw from the size on that zsmalloc gives a frame of its own', () => {
    expect(ZRAM_MAX_ZPAGE_BYTES).toBe(3624)
    const below = zram({}, () => ZRAM_MAX_ZPAGE_BYTES)
    below.sweep(true)
    expect(below.zpool.rawPages).toBe(0)
    const above = zram({}, () => ZRAM_MAX_ZPAGE_BYTES + 1)
    above.sweep(true)
    expect(above.zpool.rawPages).toBe(above.zpool.counters.pers_zpages)
    expect(above.zpool.rawPages).toBeGreaterThan(0)
    above.sound()
  })

  it.each(['huge', 'idle', 'huge_idle'] as const)('with writeback %s gives every page back', (type) => {
    const size = (word: number) => ((word >>> 3) % 3 === 0 ? 4200 : 1000)
    const made = zram({ writeback: zramWriteback(type, { ageNs: 3e6, limit: null }) }, size, 2e4)
    for (let round = 0; round < 4; round++) made.sweep(round % 2 === 0)
    expect(made.zpool.counters.writtenback_pages).toBeGreaterThan(0)
    made.sweep(false)
    made.sound()
  })
})

it('gives every page back as last written, whatever is written back and whatever the disk does', () => {
  const vpn = fc.nat(PAGES - 1)
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ sweep: vpn, count: fc.integer({ min: 1, max: 60 }), write: fc.boolean() }) },
    { weight: 2, arbitrary: fc.record({ free: vpn }) },
    { weight: 1, arbitrary: fc.record({ failWrites: fc.integer({ min: 1, max: 8 }) }) },
    { weight: 1, arbitrary: fc.constant({ drain: true } as const) },
  )
  const size = (word: number) => 40 + ((word >>> 3) % 4160)
  let writtenBack = 0
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 10, maxLength: 60 }),
      fc.constantFrom('huge', 'idle', 'huge_idle', null),
      fc.integer({ min: 5, max: 80 }),
      (steps, type, memLimit) => {
        const writeback = type && zramWriteback(type, { ageNs: 2e6, limit: null })
        const made = zram({ writeback, memLimit, disksize: 2 * memLimit }, size, 2e4)
        for (const one of steps) {
          if ('sweep' in one) for (let i = 0; i < one.count; i++) made.access((one.sweep + i) % PAGES, one.write)
          else if ('free' in one) made.mm.free(one.free)
          else if ('failWrites' in one) made.io.failNextWrites(one.failWrites)
          else made.mm.drain()
          expect([...made.mm.audit(), ...made.zpool.audit(made.io.inflight === 0)]).toEqual([])
        }
        made.io.heal()
        for (const page of made.versions.keys()) made.access(page, false)
        made.sound()
        writtenBack += made.zpool.counters.writtenback_pages
      },
    ),
    { numRuns: 80 },
  )
  expect(writtenBack).toBeGreaterThan(50)
})

describe('its writeback', () => {
  const make = (type: ZramWriteback, limit: number | null = null) => zramWriteback(type, { ageNs: 10e9, limit })
  /** Slots of zpages 0..9, every second one huge, ten seconds and one look apart. */
  const view = () => {
    const fake = new FakeView()
    for (let zpage = 0; zpage < 10; zpage++) fake.store(zpage % 2 === 0 ? 4096 : 900)
    return fake
  }
  const pass = (policy: ReturnType<typeof make>, fake: FakeView) => {
    fake.now += 10e9
    return fake.victims(policy, policy.onTick?.(fake) ?? 0)
  }

  it('of idle entries takes those not used since the last pass, of huge ones any, of huge_idle both', () => {
    for (const [type, first, second] of [
      ['idle', [], [0, 1, 2, 4, 5, 6, 7, 8, 9]],
      ['huge', [0, 2, 4, 6, 8], []],
      ['huge_idle', [], [0, 2, 4, 6, 8]],
    ] as const) {
      const policy = make(type)
      const fake = view()
      expect(policy.onTick?.(fake)).toBe(0)
      const one = pass(policy, fake)
      for (const zpage of one) fake.remove(zpage)
      policy.onLoad?.(fake, 3)
      const two = pass(policy, fake)
      expect([type, one, two]).toEqual([type, [...first], [...second]])
    }
  })

  it('ends at its limit', () => {
    const policy = make('huge', 3)
    const fake = view()
    policy.onTick?.(fake)
    fake.writtenBack = 1
    expect(pass(policy, fake)).toHaveLength(2)
    fake.writtenBack = 3
    expect(policy.onTick?.(fake)).toBe(0)
  })
})
