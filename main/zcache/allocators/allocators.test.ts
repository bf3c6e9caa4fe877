import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CountingSource, makePool, seeded } from './fixture-pool.ts'
import { ALLOCATORS, type AllocatorEntry, noMover } from './index.ts'

/** What every allocator owes its backend, whichever it is. */

const FRAMES = 24
const entries: AllocatorEntry[] = Object.values(ALLOCATORS)

// Often the same few sizes, so that zpages share frames, classes and zspages.
const size = fc.oneof(
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 4200 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 800 }) },
  { weight: 1, arbitrary: fc.constantFrom(1, 64, 2016, 2032, 3584, 3624, 3625, 3968, 3969, 4000, 4001, 4096) },
  { weight: 3, arbitrary: fc.constantFrom(28, 700, 1300) },
)
const command = fc.oneof(
  { weight: 6, arbitrary: fc.record({ store: size }) },
  { weight: 4, arbitrary: fc.record({ free: fc.nat(1000) }) },
  { weight: 1, arbitrary: fc.record({ give: fc.nat(7) }) },
  { weight: 1, arbitrary: fc.record({ revive: fc.nat(10) }) },
  { weight: 1, arbitrary: fc.record({ limit: fc.integer({ min: 0, max: FRAMES }) }) },
)

describe.each(entries.map((entry) => [entry.name, entry] as const))('%s', (_, entry) => {
  const shapes = entry.name === 'zsmalloc' ? [{ chain: 1 }, { chain: 4 }, { chain: 8 }, { chain: 16 }] : [{}]

  it.each(shapes)(
    '%o keeps every byte and every frame against a plain map, whatever is stored, freed, evicted and moved',
    (shape) => {
      fc.assert(
        fc.property(fc.array(command, { minLength: 20, maxLength: 100 }), (commands) => {
          const { pool, source, live, store, free, faults } = makePool(entry, { frames: FRAMES, zpages: 64, ...shape })
          const victims = new Int32Array(entry.gives === 'frame' ? entry.zpagesPerFrame : 0)
          const zombies: number[] = []
          for (const c of commands) {
            if ('store' in c) {
              const before = { zpages: pool.zpages, frames: pool.frames, held: source.held }
              const zpage = store(c.store)
              if (c.store > entry.maxZpageBytes) expect(zpage).toBe(-1)
              if (zpage < 0) expect({ zpages: pool.zpages, frames: pool.frames, held: source.held }).toEqual(before)
              else if (pool.gives === 'frame') expect(zombies).not.toContain(pool.frameOf(zpage))
            } else if ('free' in c) {
              if (live.size > 0) free([...live.keys()][c.free % live.size])
            } else if ('limit' in c) {
              source.limit = c.limit
            } else if (pool.gives === 'compaction') {
              const want = 'give' in c ? c.give : 1
              const held = source.held
              const given = pool.compact(want)
              expect(source.held).toBe(held - given)
              if (given < want) expect(pool.stats().freeable).toBe(0)
            } else if ('give' in c) {
              const frame = pool.oldestFrame()
              if (frame < 0) continue
              zombies.push(frame)
              const count = pool.makeZombie(frame, victims)
              expect(count).toBe([...live.keys()].filter((zpage) => pool.frameOf(zpage) === frame).length)
              const held = source.held
              // Some of its zpages are evicted, some may not be.
              const evicted = [...victims.subarray(0, count)].filter((__, i) => (c.give >> i) & 1)
              for (const zpage of evicted) free(zpage)
              expect(source.held).toBe(evicted.length === count ? held - 1 : held)
            } else if (zombies.length > 0) {
              pool.revive(zombies.splice(c.revive % zombies.length, 1)[0], false)
            }
            for (let i = zombies.length - 1; i >= 0; i--)
              if (![...live.keys()].some((zpage) => pool.frameOf(zpage) === zombies[i])) zombies.splice(i, 1)
            expect(faults()).toEqual([])
            expect(source.taken - source.given).toBe(pool.frames)
          }
          for (const zpage of [...live.keys()]) free(zpage)
          expect(faults()).toEqual([])
          expect(pool.frames).toBe(0)
        }),
        { numRuns: 60 },
      )
    },
  )

  it('takes its largest zpage and refuses one byte more', () => {
    const { pool, store, faults } = makePool(entry, { frames: FRAMES })
    expect(store(entry.maxZpageBytes)).toBeGreaterThanOrEqual(0)
    expect(store(entry.maxZpageBytes + 1)).toBe(-1)
    expect(pool.stats()).toMatchObject({ alloc_too_large: 1 })
    expect(faults()).toEqual([])
  })

  it('refuses when the source is empty, says so, and goes on when there are frames again', () => {
    const { pool, source, store, faults } = makePool(entry, { frames: FRAMES })
    source.limit = 1
    expect(store(3500)).toBeGreaterThanOrEqual(entry.name === 'zsmalloc' ? -1 : 0)
    while (store(3500) >= 0);
    expect(pool.frames).toBeLessThanOrEqual(1)
    expect(pool.stats()).toMatchObject({ alloc_no_frame: entry.name === 'zsmalloc' ? 2 : 1 })
    source.limit = FRAMES
    expect(store(3500)).toBeGreaterThanOrEqual(0)
    expect(faults()).toEqual([])
  })

  it('refuses to free a zpage twice, and to make one of no bytes', () => {
    const { pool, store, free } = makePool(entry, { frames: FRAMES })
    const zpage = store(100)
    store(100)
    free(zpage)
    expect(() => pool.free(zpage)).toThrow(/twice/)
    expect(() => pool.alloc(0, 1, 1)).toThrow(RangeError)
  })

  it('decides the same without an arena as with one, and still knows the owners', () => {
    const real = makePool(entry, { frames: FRAMES })
    const simulated = entry.create({
      frames: FRAMES,
      poolFrames: FRAMES,
      zpages: 4096,
      source: new CountingSource(Array.from({ length: FRAMES }, (__, i) => (i * 7 + 3) % FRAMES)),
      mover: noMover,
      arena: null,
      bounce: FRAMES * 4096,
    })
    const random = seeded(11)
    for (let step = 0; step < 500; step++) {
      const pick = [...real.live.keys()][Math.floor(random() * real.live.size)]
      if (pick !== undefined && random() < 0.45) {
        real.free(pick)
        simulated.free(pick)
      } else {
        const bytes = 1 + Math.floor(random() * 2500)
        const zpage = real.store(bytes)
        const stored = real.live.get(zpage)
        expect(simulated.alloc(bytes, stored?.slot ?? 0, stored?.generation ?? 0)).toBe(zpage)
        if (zpage < 0) continue
        simulated.place(zpage, 0)
        expect(simulated.slotOf(zpage)).toBe(real.pool.slotOf(zpage))
        expect(simulated.generationOf(zpage)).toBe(real.pool.generationOf(zpage))
        expect(simulated.locate(zpage)).toBe(real.pool.locate(zpage))
      }
    }
    expect(simulated.audit()).toEqual([])
    expect(simulated.stats().fragmentation).toBe(real.pool.stats().fragmentation)
  })

  it('charges its tables by frames, less than 5 % of each at 6 zpages a frame', () => {
    const bytes = entry.metadataBytes(10_000, 60_000)
    expect(bytes).toBeGreaterThan(entry.metadataBytes(5_000, 60_000))
    expect(bytes / 10_000).toBeLessThan(0.05 * 4096)
  })
})

describe('allocators that give frames on demand', () => {
  const giving = entries.flatMap((entry) => (entry.gives === 'frame' ? [[entry.name, entry] as const] : []))

  it.each(giving)('%s gives any frame for the zpages in it, as many as it says at most', (_, entry) => {
    const { pool, store, free, live, faults, source } = makePool(entry, { frames: FRAMES })
    if (pool.gives !== 'frame') throw new Error('not what it says')
    const random = seeded(3)
    for (let i = 0; i < 40; i++) store(1 + Math.floor(random() * 1500))
    const victims = new Int32Array(entry.zpagesPerFrame)
    while (pool.oldestFrame() >= 0) {
      const held = source.held
      const count = pool.makeZombie(pool.oldestFrame(), victims)
      expect(count).toBeGreaterThan(0)
      for (const zpage of victims.subarray(0, count)) free(zpage)
      expect(source.held).toBe(held - 1)
    }
    expect(live.size).toBe(0)
    expect(faults()).toEqual([])
  })

  it.each(giving)(
    '%s, pitfall 25: neither freeing a neighbour nor a read promotes a frame; an insertion does',
    (_, entry) => {
      const { pool, store, free } = makePool(entry, { frames: FRAMES })
      if (pool.gives !== 'frame') throw new Error('not what it says')
      const first = store(1200)
      const neighbour = store(1800)
      expect(pool.frameOf(neighbour)).toBe(pool.frameOf(first))
      const younger = store(3000)
      free(neighbour)
      pool.locate(first)
      expect(pool.oldestFrame()).toBe(pool.frameOf(first))
      expect(pool.frameOf(store(1500))).toBe(pool.frameOf(first))
      expect(pool.oldestFrame()).toBe(pool.frameOf(younger))
    },
  )

  it.each(giving)(
    '%s, pitfall 8: a zombie that keeps a zpage can be chosen and matched again once it is revived',
    (_, entry) => {
      const { pool, store, faults } = makePool(entry, { frames: FRAMES })
      if (pool.gives !== 'frame') throw new Error('not what it says')
      const kept = store(1000)
      const other = store(3300)
      const frame = pool.frameOf(kept)
      pool.makeZombie(frame, new Int32Array(entry.zpagesPerFrame))
      expect(pool.oldestFrame()).not.toBe(frame)
      expect(pool.zombies).toBe(1)
      pool.revive(frame, false)
      pool.revive(pool.frameOf(other), false) // no zombie: nothing happens
      expect(pool.frameOf(store(1000))).toBe(frame)
      expect(faults()).toEqual([])
    },
  )
})
