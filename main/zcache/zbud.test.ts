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

  it('never holds more than two zpages a frame, and its counters follow a plain model', () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ bytes: fc.integer({ min: 1, max: 4000 }) }) },
      { weight: 2, arbitrary: fc.record({ free: fc.nat(1000) }) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const z = zbud()
        const spare = Array.from({ length: FRAMES }, (_, i) => i)
        const live = new Map<number, number>()
        for (const s of steps) {
          if ('bytes' in s) {
            const matched = z.match(s.bytes)
            // The model's answer: the fullest half-used frame that still has room.
            const frames = new Map<number, number[]>()
            for (const [zpage, bytes] of live) frames.set(zpage >> 1, [...(frames.get(zpage >> 1) ?? []), bytes])
            const fits = [...frames.values()].filter(
              (b) => b.length === 1 && chunksOf(b[0]) + chunksOf(s.bytes) <= CHUNKS,
            )
            const best = Math.max(-1, ...fits.map((b) => chunksOf(b[0])))
            expect(matched < 0 ? -1 : chunksOf(frames.get(matched)?.[0] ?? 0)).toBe(best)
            const frame = matched >= 0 ? matched : spare.pop()
            if (frame === undefined) continue
            live.set(z.create(frame, s.bytes, 0, 0), s.bytes)
          } else if (live.size > 0) {
            const zpage = [...live.keys()][s.free % live.size]
            live.delete(zpage)
            const frame = z.free(zpage)
            if (frame >= 0) spare.push(frame)
          }
          expect(z.counters.zbud_pers_zpages).toBe(live.size)
          expect(z.counters.zbud_pers_zbytes).toBe([...live.values()].reduce((a, b) => a + b, 0))
          expect(z.counters.zbud_pers_pageframes).toBe(FRAMES - spare.length)
          expect(live.size).toBeLessThanOrEqual(2 * z.counters.zbud_pers_pageframes)
        }
      }),
    )
  })
})
