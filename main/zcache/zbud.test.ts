import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CHUNK_BYTES, CHUNKS, chunksOf, HANDLE_BYTES, ZBUD_MAX_ZPAGE_BYTES, Zbud } from './zbud.ts'

const FRAMES = 32

function zbud() {
  return new Zbud(FRAMES, new Uint8Array(FRAMES * 4096))
}

/** Bytes of a zpage that uses exactly so many chunks. */
const bytesFor = (chunks: number) => chunks * CHUNK_BYTES - HANDLE_BYTES

describe('zbud', () => {
  it('counts chunks with the handle: 1..63 for 1..4000 bytes', () => {
    expect(chunksOf(1)).toBe(1)
    expect(chunksOf(32)).toBe(1)
    expect(chunksOf(33)).toBe(2)
    expect(ZBUD_MAX_ZPAGE_BYTES).toBe(4000)
    expect(chunksOf(ZBUD_MAX_ZPAGE_BYTES)).toBe(63)
  })

  it('matches two zpages exactly when their chunks fit 64', () => {
    for (let first = 1; first < CHUNKS; first++)
      for (let second = 1; second < CHUNKS; second++) {
        const z = zbud()
        z.create(0, bytesFor(first), 1, 0)
        expect(z.match(bytesFor(second))).toBe(first + second <= CHUNKS ? 0 : -1)
      }
  })

  it('takes the tightest fit, and the oldest of equal ones', () => {
    const z = zbud()
    z.create(0, bytesFor(10), 1, 0)
    z.create(1, bytesFor(30), 2, 0)
    z.create(2, bytesFor(30), 3, 0)
    z.create(3, bytesFor(50), 4, 0)
    expect(z.match(bytesFor(34))).toBe(1)
    expect(z.match(bytesFor(35))).toBe(0)
    expect(z.match(bytesFor(14))).toBe(3)
    expect(z.match(bytesFor(60))).toBe(-1)
  })

  it('puts buddy 0 at byte 0 and ends buddy 1 at byte 4096, on chunks, without overlap', () => {
    const z = zbud()
    const a = z.create(5, 1000, 7, 3)
    const b = z.create(5, 2500, 8, 4)
    expect(z.dataOffset(a)).toBe(5 * 4096 + HANDLE_BYTES)
    expect((z.dataOffset(b) - HANDLE_BYTES) % CHUNK_BYTES).toBe(0)
    expect(z.dataOffset(b) + 2500).toBeLessThanOrEqual(6 * 4096)
    expect(z.dataOffset(a) + 1000).toBeLessThanOrEqual(z.dataOffset(b) - HANDLE_BYTES)
    expect([z.slotOf(a), z.generationOf(a), z.slotOf(b), z.generationOf(b)]).toEqual([7, 3, 8, 4])
  })

  it('orders frames by their last insertion', () => {
    const z = zbud()
    z.create(0, bytesFor(20), 1, 0)
    z.create(1, bytesFor(60), 2, 0)
    expect(z.oldest()).toBe(0)
    z.create(z.match(bytesFor(20)), bytesFor(20), 3, 0)
    expect(z.oldest()).toBe(1)
  })

  it('pitfall 25: freeing a buddy does not promote its frame', () => {
    const z = zbud()
    const first = z.create(0, bytesFor(20), 1, 0)
    z.create(0, bytesFor(20), 2, 0)
    z.create(1, bytesFor(60), 3, 0)
    expect(z.free(first)).toBe(-1)
    expect(z.oldest()).toBe(0)
    expect(z.match(bytesFor(44))).toBe(0)
  })

  it('hands an emptied frame back, and refuses to free a zpage twice', () => {
    const z = zbud()
    const only = z.create(4, 100, 1, 0)
    expect(z.free(only)).toBe(4)
    expect(z.oldest()).toBe(-1)
    expect(() => z.free(only)).toThrow(/twice/)
  })

  it('a zombie is neither matched nor chosen, stays readable, and goes with its last zpage', () => {
    const z = zbud()
    const a = z.create(0, bytesFor(10), 1, 0)
    const b = z.create(0, bytesFor(10), 2, 0)
    const out = new Int32Array(2)
    expect(z.makeZombie(0, out)).toBe(2)
    expect([...out]).toEqual([a, b])
    expect([z.match(100), z.oldest(), z.bytesOf(a)]).toEqual([-1, -1, bytesFor(10)])
    expect(z.free(a)).toBe(-1)
    expect(z.counters.zbud_pers_zombie_count).toBe(1)
    expect(z.free(b)).toBe(0)
    expect(z.counters.zbud_pers_zombie_count).toBe(0)
  })

  it('a revived zombie is the oldest again, with what is left of it', () => {
    const z = zbud()
    const a = z.create(0, bytesFor(10), 1, 0)
    z.create(0, bytesFor(20), 2, 0)
    z.create(1, bytesFor(50), 3, 0)
    z.makeZombie(0, new Int32Array(2))
    z.free(a)
    z.revive(0, false)
    expect(z.oldest()).toBe(0)
    expect(z.match(bytesFor(44))).toBe(0)
    expect(z.counters.zbud_pers_zombie_count).toBe(0)
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
        const z = zbud()
        const model = new Model()
        for (const s of steps) {
          if ('store' in s) {
            const match = model.match(s.store)
            expect(z.match(s.store)).toBe(match)
            const frame = match >= 0 ? match : model.spare.pop()
            if (frame !== undefined) model.create(frame, z.create(frame, s.store, 0, 0), s.store)
          } else if ('free' in s) {
            const zpage = pick([...model.zpages.keys()], s.free)
            if (zpage !== undefined) expect(z.free(zpage)).toBe(model.free(zpage))
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
          expect(z.oldest()).toBe(model.lru[0] ?? -1)
          expect(z.counters).toMatchObject({
            zbud_pers_zpages: model.zpages.size,
            zbud_pers_zbytes: [...model.zpages.values()].reduce((a, b) => a + b, 0),
            zbud_pers_pageframes: FRAMES - model.spare.length,
            zbud_pers_unbuddied_count: model.halfUsed.length,
            zbud_pers_zombie_count: model.zombies.size,
          })
        }
        // From the old end, all that are left.
        for (const frame of model.lru) {
          expect(z.oldest()).toBe(frame)
          z.makeZombie(frame, new Int32Array(2))
        }
        expect(z.oldest()).toBe(-1)
      }),
    )
  })
})

const pick = <T>(of: readonly T[], at: number): T | undefined => of[at % of.length]

/** zbud in lists of frames and a map of zpages. */
class Model {
  readonly spare = Array.from({ length: FRAMES }, (_, frame) => frame)
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

  free(zpage: number): number {
    const frame = zpage >> 1
    this.zpages.delete(zpage)
    const empty = this.inFrame(frame).length === 0
    if (empty) {
      this.spare.push(frame)
      this.lru = this.lru.filter((other) => other !== frame)
      this.zombies.delete(frame)
    }
    this.sort(frame)
    return empty ? frame : -1
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
