import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { noMover } from './byte-mover.ts'
import { CountingSource } from './fixture-pool.ts'
import { zbud } from './zbud.ts'

const FRAMES = 32
const CHUNKS = 64

/** Frames come in the order of their numbers. */
function make() {
  const source = new CountingSource(Array.from({ length: FRAMES }, (_, i) => FRAMES - 1 - i))
  const z = zbud.create({
    ...{ frames: FRAMES, poolFrames: FRAMES, zpages: 2 * FRAMES, source, mover: noMover, bounce: 0 },
    arena: new Uint8Array(FRAMES * 4096),
  })
  return { z, source, store: (bytes: number) => z.alloc(bytes, 0, 0) }
}

const chunksOf = (bytes: number) => Math.ceil((bytes + 32) / 64)
/** Bytes of a zpage that uses exactly so many chunks. */
const bytesFor = (chunks: number) => chunks * 64 - 32

describe('zbud', () => {
  it('counts chunks with the handle: 1..63 for 1..4000 bytes', () => {
    const { z, store } = make()
    for (const bytes of [1, 32, 33, 4000]) store(bytes)
    expect([1, 2, 63].map((chunks) => z.cumulChunkCounts?.[chunks])).toEqual([2, 1, 1])
    expect([zbud.maxZpageBytes, store(4001), z.stats().alloc_too_large]).toEqual([4000, -1, 1])
  })

  it('puts two zpages into one frame exactly when their chunks fit 64', () => {
    for (let first = 1; first < CHUNKS; first++)
      for (let second = 1; second < CHUNKS; second++) {
        const { z, store } = make()
        store(bytesFor(first))
        store(bytesFor(second))
        expect(z.frames).toBe(first + second <= CHUNKS ? 1 : 2)
      }
  })

  it('takes the tightest fit, and the oldest of equal ones', () => {
    const { z, store } = make()
    for (const chunks of [50, 40, 40, 35]) store(bytesFor(chunks))
    expect(z.frames).toBe(4)
    expect([24, 14, 25, 24, 1].map((chunks) => z.frameOf(store(bytesFor(chunks))))).toEqual([1, 0, 3, 2, 4])
  })

  it('puts buddy 0 at byte 0 and ends buddy 1 at byte 4096, on chunks, without overlap', () => {
    const { z } = make()
    const a = z.alloc(1000, 7, 3)
    const b = z.alloc(2500, 8, 4)
    expect(z.locate(a)).toBe(32)
    expect((z.locate(b) - 32) % 64).toBe(0)
    expect(z.locate(b) + 2500).toBeLessThanOrEqual(4096)
    expect(z.locate(a) + 1000).toBeLessThanOrEqual(z.locate(b) - 32)
    expect([z.slotOf(a), z.generationOf(a), z.slotOf(b), z.generationOf(b)]).toEqual([7, 3, 8, 4])
  })

  it('orders frames by their last insertion', () => {
    const { z, store } = make()
    store(bytesFor(20))
    store(bytesFor(60))
    expect(z.oldestFrame()).toBe(0)
    store(bytesFor(20))
    expect(z.oldestFrame()).toBe(1)
  })

  it('pitfall 25: freeing a buddy does not promote its frame', () => {
    const { z, store } = make()
    const first = store(bytesFor(20))
    store(bytesFor(20))
    store(bytesFor(60))
    z.free(first)
    expect(z.oldestFrame()).toBe(0)
    expect(z.frameOf(store(bytesFor(44)))).toBe(0)
  })

  it('hands an emptied frame back, and refuses to free a zpage twice', () => {
    const { z, source, store } = make()
    const only = store(100)
    z.free(only)
    expect([source.held, z.oldestFrame()]).toEqual([0, -1])
    expect(() => z.free(only)).toThrow(/twice/)
  })

  it('a zombie is neither matched nor chosen, stays readable, and goes with its last zpage', () => {
    const { z, source, store } = make()
    const a = store(bytesFor(10))
    const b = store(bytesFor(10))
    const out = new Int32Array(2)
    expect(z.makeZombie(0, out)).toBe(2)
    expect([...out]).toEqual([a, b])
    expect([z.frameOf(store(100)), z.oldestFrame(), z.bytesOf(a)]).toEqual([1, 1, bytesFor(10)])
    z.free(a)
    expect([z.zombies, source.held]).toEqual([1, 2])
    z.free(b)
    expect([z.zombies, source.held]).toEqual([0, 1])
  })

  it('a revived zombie is the oldest again, with what is left of it', () => {
    const { z, store } = make()
    const a = store(bytesFor(10))
    store(bytesFor(20))
    store(bytesFor(50))
    z.makeZombie(0, new Int32Array(2))
    z.free(a)
    z.revive(0, false)
    expect([z.oldestFrame(), z.zombies]).toEqual([0, 0])
    expect(z.frameOf(store(bytesFor(44)))).toBe(0)
  })

  it('does what a plain model does: places, match, order of frames, zombies and counters', () => {
    const step = fc.oneof(
      { weight: 5, arbitrary: fc.record({ store: fc.integer({ min: 1, max: 4000 }) }) },
      { weight: 3, arbitrary: fc.record({ free: fc.nat(1000) }) },
      { weight: 1, arbitrary: fc.record({ evict: fc.constant(true) }) },
      { weight: 1, arbitrary: fc.record({ revive: fc.nat(1000), young: fc.boolean() }) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 150 }), (steps) => {
        const { z, source, store } = make()
        const model = new Model()
        for (const s of steps) {
          if ('store' in s) {
            const match = model.match(s.store)
            const frame = match >= 0 ? match : source.next()
            const zpage = store(s.store)
            expect(zpage < 0).toBe(frame < 0)
            if (frame >= 0) model.create(frame, zpage, s.store)
          } else if ('free' in s) {
            const zpage = pick([...model.zpages.keys()], s.free)
            if (zpage === undefined) continue
            z.free(zpage)
            model.free(zpage)
          } else if ('evict' in s) {
            const frame = model.lru[0]
            if (frame === undefined) continue
            const out = new Int32Array(2)
            const count = z.makeZombie(frame, out)
            expect([...out.subarray(0, count)]).toEqual(model.inFrame(frame))
            model.makeZombie(frame)
          } else {
            const frame = pick([...model.zombies], s.revive)
            if (frame === undefined) continue
            z.revive(frame, s.young)
            model.revive(frame, s.young)
          }
          expect(z.oldestFrame()).toBe(model.lru[0] ?? -1)
          expect(z.stats()).toMatchObject({
            zbud_pers_zpages: model.zpages.size,
            zbud_pers_zbytes: [...model.zpages.values()].reduce((a, b) => a + b, 0),
            zbud_pers_pageframes: model.lru.length + model.zombies.size,
            zbud_pers_unbuddied_count: model.halfUsed.length,
            zbud_pers_zombie_count: model.zombies.size,
          })
          expect(source.held).toBe(z.frames)
        }
        // From the old end, all that are left.
        for (const frame of model.lru) {
          expect(z.oldestFrame()).toBe(frame)
          z.makeZombie(frame, new Int32Array(2))
        }
        expect(z.oldestFrame()).toBe(-1)
      }),
    )
  })
})

const pick = <T>(of: readonly T[], at: number): T | undefined => of[at % of.length]

/** zbud in lists of frames and a map of zpages. */
class Model {
  /** Oldest first. */
  lru: number[] = []
  /** In the order in which they became so. */
  halfUsed: number[] = []
  readonly zombies = new Set<number>()
  readonly zpages = new Map<number, number>()

  inFrame(frame: number): number[] {
    return [frame * 2, frame * 2 + 1].filter((zpage) => this.zpages.has(zpage))
  }

  match(bytes: number): number {
    const chunks = (frame: number) => chunksOf(this.zpages.get(this.inFrame(frame)[0]) ?? 0)
    const fits = this.halfUsed.filter((frame) => chunks(frame) + chunksOf(bytes) <= CHUNKS)
    const best = Math.max(...fits.map(chunks))
    return fits.find((frame) => chunks(frame) === best) ?? -1
  }

  create(frame: number, zpage: number, bytes: number): void {
    expect(zpage >> 1).toBe(frame)
    expect(this.zpages.has(zpage)).toBe(false)
    this.zpages.set(zpage, bytes)
    this.sort(frame)
    this.lru = [...this.lru.filter((other) => other !== frame), frame]
  }

  free(zpage: number): void {
    const frame = zpage >> 1
    this.zpages.delete(zpage)
    if (this.inFrame(frame).length === 0) {
      this.lru = this.lru.filter((other) => other !== frame)
      this.zombies.delete(frame)
    }
    this.sort(frame)
  }

  makeZombie(frame: number): void {
    this.lru.shift()
    this.zombies.add(frame)
    this.sort(frame)
  }

  revive(frame: number, young: boolean): void {
    this.zombies.delete(frame)
    this.lru = young ? [...this.lru, frame] : [frame, ...this.lru]
    this.sort(frame)
  }

  private sort(frame: number): void {
    this.halfUsed = this.halfUsed.filter((other) => other !== frame)
    if (this.inFrame(frame).length === 1 && !this.zombies.has(frame)) this.halfUsed.push(frame)
  }
}
