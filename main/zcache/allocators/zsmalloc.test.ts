import { describe, expect, it } from 'vitest'
import { makePool, seeded } from './fixture-pool.ts'
import { chainLength, classOf, SIZE_CLASSES, sizeClasses } from './size-classes.ts'
import { zsmalloc } from './zsmalloc.ts'

describe('size classes of zsmalloc', () => {
  it('are 255, every 16 bytes from 32 to 4096, before like ones are merged', () => {
    expect(SIZE_CLASSES).toBe(255)
    const classes = sizeClasses(8)
    expect([classes.size[0], classes.size[classes.count - 1]]).toEqual([4096, 32])
    for (let bytes = 1; bytes <= 4096; bytes++)
      expect(classes.size[classOf(classes, bytes)]).toBeGreaterThanOrEqual(bytes)
  })

  it.each([
    { chain: 4, watermark: 3264 },
    { chain: 8, watermark: 3632 },
    { chain: 16, watermark: 3840 },
  ])('give objects above $watermark a frame of their own with chains of $chain', ({ chain, watermark }) => {
    const classes = sizeClasses(chain)
    expect([...classes.huge]).toEqual(Array.from({ length: classes.count }, (_, c) => (c === 0 ? 1 : 0)))
    expect(classes.huge[classOf(classes, watermark)]).toBe(0)
    expect(classes.huge[classOf(classes, watermark + 1)]).toBe(1)
  })

  // Documentation/mm/zsmalloc.rst works this example out.
  it('merge 1568 bytes into 1632 with chains of 4, and give them their own five frames with chains of 5 and more', () => {
    const four = sizeClasses(4)
    const merged = classOf(four, 1568)
    expect([four.size[merged], four.pages[merged], four.objects[merged]]).toEqual([1632, 2, 5])
    const eight = sizeClasses(8)
    const own = classOf(eight, 1568)
    expect([eight.size[own], eight.pages[own], eight.objects[own]]).toEqual([1568, 5, 13])
  })

  it('leave the fewest bytes over: 3 frames for 208 bytes, not the 2 of the older rule by percent', () => {
    expect(chainLength(208, 4)).toBe(3)
    for (let size = 32; size <= 4096; size += 16) {
      const waste = (pages: number) => (pages * 4096) % size
      const best = chainLength(size, 8)
      for (let pages = 1; pages <= 8; pages++) expect(waste(best)).toBeLessThanOrEqual(waste(pages))
      for (let pages = 1; pages < best; pages++) expect(waste(best)).toBeLessThan(waste(pages))
    }
  })

  it('refuse chains nobody has', () => {
    for (const chain of [0, 17, 2.5]) expect(() => sizeClasses(chain)).toThrow(RangeError)
  })
})

describe('zsmalloc', () => {
  it('lays objects over the borders of frames, and reads such a one from the bounce area', () => {
    const { pool, store, faults } = makePool(zsmalloc, { frames: 32 })
    // 9 objects of 3632 in 8 frames, an 8-byte handle in each.
    const zpages = Array.from({ length: 9 }, () => store(3624))
    expect([pool.frames, pool.zpages]).toEqual([8, 9])
    expect(pool.locate(zpages[0]) % 4096).toBe(8)
    expect(zpages.filter((zpage) => pool.locate(zpage) === 32 * 4096)).toHaveLength(7)
    expect(pool.stats()).toMatchObject({ bounced: 7, zspages_100: 1, huge_objects: 0 })
    expect(faults()).toEqual([])
    expect(pool.locate(store(3625)) % 4096).toBe(0)
    expect(pool.stats()).toMatchObject({ huge_objects: 1 })
  })

  it('says how full its zspages are, by tenths, and what they hold', () => {
    const { pool, store, free } = makePool(zsmalloc, { frames: 32, chain: 1 })
    // A frame has room for 128 objects of 32 bytes, for 42 of 96, for 4 of 1024.
    const one = store(10)
    const twelve = Array.from({ length: 12 }, () => store(80))
    const full = Array.from({ length: 4 }, () => store(1000))
    expect(pool.stats()).toMatchObject({
      ...{ pages_used: 3, obj_used: 17, obj_allocated: 128 + 42 + 4 },
      ...{ zspages_10: 1, zspages_30: 1, zspages_100: 1, zspages_99: 0, objects_moved: 0 },
    })
    for (const zpage of [one, ...twelve.slice(4), ...full]) free(zpage)
    expect(pool.stats()).toMatchObject({ pages_used: 1, obj_used: 4, obj_allocated: 42, zspages_10: 1, zspages_30: 0 })
    // A tenth exactly belongs to the next group, as the kernel's integer division has it.
    const { pool: tenths, store: more } = makePool(zsmalloc, { frames: 32, chain: 1 })
    more(390)
    expect(tenths.stats()).toMatchObject({ obj_allocated: 10, zspages_10: 0, zspages_20: 1 })
  })

  it('gives the frames of a started chain back where the rest is not to be had', () => {
    const { pool, source, store, faults } = makePool(zsmalloc, { frames: 32 })
    source.limit = 7
    expect(store(3624)).toBe(-1)
    expect([source.held, source.taken, source.given]).toEqual([0, 7, 7])
    expect(pool.stats()).toMatchObject({ alloc_no_frame: 1 })
    expect(faults()).toEqual([])
  })

  it('fills the fullest zspage first', () => {
    const { pool, store, free } = makePool(zsmalloc, { frames: 32, chain: 1 })
    const a = Array.from({ length: 4 }, () => store(1000)) // chain 1: 4 objects of 1024 a frame
    const b = Array.from({ length: 4 }, () => store(1000))
    for (const zpage of [a[0], a[1], a[2], b[0]]) free(zpage)
    expect(pool.frameOf(store(1000))).toBe(pool.frameOf(b[1]))
    expect(pool.frameOf(store(1000))).toBe(pool.frameOf(a[3]))
  })

  it('refuses, and says so, when all descriptors are in use', () => {
    const { pool, store, free, faults } = makePool(zsmalloc, { frames: 32, zpages: 3 })
    const zpages = [store(10), store(10), store(10)]
    expect(store(10)).toBe(-1)
    expect(pool.stats()).toMatchObject({ alloc_no_descriptor: 1 })
    free(zpages[1])
    expect(store(10)).toBe(zpages[1])
    expect(faults()).toEqual([])
  })

  it('keeps the objects of a zspage together when descriptor 0 is used again among them', () => {
    const { store, free, faults } = makePool(zsmalloc, { frames: 32 })
    const [first, , third] = [store(700), store(700), store(700)]
    free(first)
    expect(store(700)).toBe(first)
    free(third)
    expect(first).toBe(0)
    expect(faults()).toEqual([])
  })

  it('may hold less than one zpage a frame after frees, where zbud has at least one', () => {
    const { pool, store, free } = makePool(zsmalloc, { frames: 64 })
    const zpages = Array.from({ length: 9 * 8 }, () => store(3624))
    zpages.forEach((zpage, i) => {
      if (i % 9 !== 4) free(zpage)
    })
    expect([pool.zpages, pool.frames]).toEqual([8, 64])
  })

  it('compacts from the emptiest zspage to the fullest, so that the fewest objects are moved', () => {
    const { pool, store, free, faults } = makePool(zsmalloc, { frames: 32, chain: 1 })
    if (pool.gives !== 'compaction') throw new Error('not what it says')
    const zspages = [0, 1, 2].map(() => Array.from({ length: 4 }, () => store(1000)))
    // 3, 2 and 1 of 4 objects are left.
    for (const [gone, zpages] of zspages.entries()) for (const zpage of zpages.slice(0, gone + 1)) free(zpage)
    expect(pool.compact(1)).toBe(1)
    expect(pool.stats()).toMatchObject({ objects_moved: 1, zspages_100: 1, pages_used: 2 })
    expect(faults()).toEqual([])
  })

  it('gives back by compaction what its free objects make, and keeps content and descriptors', () => {
    const { pool, store, free, live, faults } = makePool(zsmalloc, { frames: 128 })
    if (pool.gives !== 'compaction') throw new Error('not what it says')
    const random = seeded(5)
    const sizes = [60, 700, 1500, 2400, 3500]
    while (store(sizes[Math.floor(random() * sizes.length)]) >= 0);
    for (const zpage of [...live.keys()]) if (random() < 0.6) free(zpage)
    const freeable = pool.stats().freeable
    const before = pool.frames
    expect(freeable).toBeGreaterThan(10)
    const one = pool.compact(1)
    expect(one).toBeGreaterThanOrEqual(1)
    expect(one).toBeLessThanOrEqual(8)
    expect(faults()).toEqual([])
    expect(one + pool.compact(Number.MAX_SAFE_INTEGER)).toBe(freeable)
    expect(pool.frames).toBe(before - freeable)
    expect(pool.stats()).toMatchObject({ freeable: 0, pages_compacted: freeable })
    expect(pool.stats().objects_moved).toBeGreaterThan(0)
    expect(faults()).toEqual([])
    expect(pool.compact(100)).toBe(0)
  })
})
