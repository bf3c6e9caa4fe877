import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { makeEngine } from './fixture-engine.ts'
import { ZRAM_MAX_ZPAGE_BYTES, type ZramOptions, type ZramPasses, type ZramWriteback } from './index.ts'
import { FakeView } from './policies/fixture-view.ts'
import { zramPasses } from './zram-passes.ts'

const PAGES = 200
const FRAMES = 120

/** Passes every so many ns of what is given. */
const passes = (ageNs: number, what: Partial<ZramPasses>): ZramPasses => ({
  ageNs,
  writeback: null,
  limit: null,
  recompress: null,
  ...what,
})

function zram(zram: Partial<ZramOptions> = {}, size: (word: number) => number = () => 1000, clockStepNs = 1) {
  const engine = makeEngine({
    pages: PAGES,
    frames: FRAMES,
    lane: zram.passes?.writeback ? 'writeback on' : 'writeback off',
    backend: 'zram',
    poolLimit: FRAMES,
    zram,
    inflight: 8,
    clockStepNs,
    size,
  })
  const zpool = engine.pool()
  if (!zpool) throw new Error('a lane without a pool')
  const sweep = (write: boolean) => {
    for (let vpn = 0; vpn < PAGES; vpn++) engine.access(vpn, write)
  }
  const sound = () => {
    engine.mm.drain()
    expect(engine.audit()).toEqual([])
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
    const made = zram({ passes: passes(3e6, { writeback: type }) }, size, 2e4)
    for (let round = 0; round < 4; round++) made.sweep(round % 2 === 0)
    expect(made.zpool.counters.writtenback_pages).toBeGreaterThan(0)
    // Huge entries have a frame of their own; of others what is left is moved together.
    if (type === 'idle') expect(Object(made.zpool.allocator.stats()).pages_compacted).toBeGreaterThan(0)
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
  let tried = 0
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 10, maxLength: 60 }),
      fc.constantFrom('huge', 'idle', 'huge_idle', 'incompressible', null),
      fc.constantFrom('huge', 'idle', 'huge_idle', null),
      fc.constantFrom(0, 1200),
      fc.integer({ min: 5, max: 80 }),
      (steps, writeback, recompress, recompressThreshold, memLimit) => {
        const made = zram(
          { passes: passes(2e6, { writeback, recompress }), recompressThreshold, memLimit, disksize: 2 * memLimit },
          size,
          2e4,
        )
        for (const one of steps) {
          if ('sweep' in one) for (let i = 0; i < one.count; i++) made.access((one.sweep + i) % PAGES, one.write)
          else if ('free' in one) made.mm.free(one.free)
          else if ('failWrites' in one) made.io.failNextWrites(one.failWrites)
          else made.mm.drain()
          expect(made.audit()).toEqual([])
        }
        made.io.heal()
        for (const page of made.versions.keys()) made.access(page, false)
        made.sound()
        writtenBack += made.zpool.counters.writtenback_pages
        tried += made.zpool.recompression?.counters.recompress_tried ?? 0
      },
    ),
    { numRuns: 80 },
  )
  expect(writtenBack).toBeGreaterThan(50)
  expect(tried).toBeGreaterThan(50)
})

describe('its recompression', () => {
  /** One page in three is huge; the second codec halves three in four. */
  const size = (word: number) => ((word >>> 3) % 3 === 0 ? 4200 : 1000)
  const recompressing = (
    what: Partial<ZramPasses>,
    options: Partial<ZramOptions> = {},
    sizes: (word: number) => number = size,
  ) => {
    const made = zram({ passes: passes(3e6, what), ...options }, sizes, 2e4)
    for (let round = 0; round < 3; round++) made.sweep(true)
    // A tick every so many accesses; nothing else is touched meanwhile.
    for (let i = 0; i < 2000; i++) made.access(PAGES - 1, false)
    const { recompression } = made.zpool
    if (!recompression) throw new Error('there is no second codec')
    return { ...made, recompression }
  }

  it.each(['huge', 'idle', 'huge_idle'] as const)(
    'of %s entries makes room, and marks what it cannot improve',
    (recompress) => {
      const { zpool, recompression, sweep, sound } = recompressing({ recompress })
      const { recompressed_pages, incompressible_pages, recompress_tried } = recompression.counters
      expect([recompressed_pages, incompressible_pages].every((pages) => pages > 5)).toBe(true)
      const never = zram({}, size, 2e4)
      for (let round = 0; round < 3; round++) never.sweep(true)
      expect(zpool.counters.pers_zbytes).toBeLessThan(never.zpool.counters.pers_zbytes)
      expect(zpool.counters.pers_pageframes).toBeLessThan(never.zpool.counters.pers_pageframes)
      // What is left raw has been tried.
      expect(zpool.rawPages).toBeLessThanOrEqual(incompressible_pages)
      expect(zpool.rawStores).toBeGreaterThan(zpool.rawPages)
      for (let i = 0; i < 2; i++) sweep(false)
      expect(recompression.counters.recompress_tried).toBeLessThan(recompress_tried + PAGES)
      sound()
    },
  )

  it('tries an entry once: what it has recompressed or marked is left alone', () => {
    const { recompression, access } = recompressing({ recompress: 'huge' })
    const { recompress_tried } = recompression.counters
    for (let i = 0; i < 2000; i++) access(PAGES - 1, false)
    expect(recompression.counters.recompress_tried).toBe(recompress_tried)
  })

  it('leaves entries below the threshold, and keeps no result that is not', () => {
    const triedAt = (recompressThreshold: number) =>
      recompressing({ recompress: 'idle' }, { recompressThreshold }, () => 1000).recompression.counters.recompress_tried
    expect([triedAt(1001), triedAt(1000) > 10]).toEqual([0, true])
    const { recompressed_pages, recompress_tried } = recompressing({ recompress: 'idle' }, { recompressThreshold: 500 })
      .recompression.counters
    expect(recompress_tried).toBeGreaterThan(10)
    expect(recompressed_pages).toBe(0)
  })

  it('keeps no result that takes as much room, however many bytes fewer it has: zsmalloc gives both an object of 32', () => {
    const { recompressed_pages, incompressible_pages } = recompressing({ recompress: 'idle' }, {}, () => 20)
      .recompression.counters
    expect([recompressed_pages, incompressible_pages > 10]).toEqual([0, true])
  })

  it('writes back what no codec improved, and nothing else', () => {
    const { zpool, recompression, sound } = recompressing({ recompress: 'huge', writeback: 'incompressible' })
    expect(zpool.counters.writtenback_pages).toBeGreaterThan(5)
    expect(recompression.counters.incompressible_pages).toBe(0)
    expect(zpool.rawPages).toBe(0)
    expect(recompression.counters.recompressed_pages).toBeGreaterThan(5)
    sound()
  })

  it('leaves an entry whose result finds no room as it is', () => {
    const { recompression, sweep, sound } = recompressing({ recompress: 'huge' }, { memLimit: 3 })
    expect(recompression.counters.recompress_no_room).toBeGreaterThan(0)
    sweep(false)
    sound()
  })

  it('comes before writeback, and an entry it has been at is not idle any more', () => {
    const tried: number[] = []
    const device = {
      isIncompressible: () => false,
      mayRecompress: (zpage: number) => zpage < 4 && !tried.includes(zpage),
      recompress: (zpages: readonly number[]) => void tried.push(...zpages),
    }
    const policy = zramPasses(passes(10e9, { recompress: 'idle', writeback: 'idle' }), device)
    const view = new FakeView()
    for (let zpage = 0; zpage < 6; zpage++) view.store(900)
    const pass = () => {
      view.now += 10e9
      return view.victims(policy, policy.onTick?.(view) ?? 0)
    }
    policy.onTick?.(view)
    expect([pass(), tried]).toEqual([[], []])
    expect([pass(), tried]).toEqual([
      [4, 5],
      [0, 1, 2, 3],
    ])
  })
})

describe('its writeback', () => {
  const make = (writeback: ZramWriteback, limit: number | null = null) =>
    zramPasses(passes(10e9, { writeback, limit }), null)
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
      ['idle', [], [0, 2, 4, 6, 8, 1, 5, 7, 9]],
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

  it('takes the largest first, in steps of 64 bytes, and of equal ones the oldest: they are what its limit is spent on', () => {
    const policy = make('idle', 4)
    const fake = new FakeView()
    for (const bytes of [100, 900, 2000, 950, 3000, 2000]) fake.store(bytes)
    policy.onTick?.(fake)
    expect(pass(policy, fake)).toEqual([])
    expect(pass(policy, fake)).toEqual([4, 2, 5, 1])
  })

  it('ends at its limit', () => {
    const policy = make('huge', 3)
    const fake = view()
    policy.onTick?.(fake)
    fake.writtenBack = 1
    expect(pass(policy, fake)).toHaveLength(2)
    // What is under way is spent.
    fake.outstanding = 1
    expect(policy.onTick?.(fake)).toBe(1)
    fake.outstanding = 0
    fake.writtenBack = 3
    expect(policy.onTick?.(fake)).toBe(0)
  })
})
