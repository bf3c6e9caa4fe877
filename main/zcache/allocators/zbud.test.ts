import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Zbud } from '../zbud.ts'
import { makePool } from './fixture-pool.ts'
import { zbud } from './zbud.ts'

const FRAMES = 16

describe('zbud of zcache2 behind the interface', () => {
  it('takes zpages up to 4000 bytes', () => {
    expect(zbud.maxZpageBytes).toBe(4000)
  })

  it('decides as zbud itself does: the same frames, descriptors, places, LRU and counters', () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ bytes: fc.integer({ min: 1, max: 4000 }) }) },
      { weight: 2, arbitrary: fc.record({ free: fc.nat(1000) }) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const { pool, live, store, free } = makePool(zbud, { frames: FRAMES })
        const twin = new Zbud(FRAMES, new Uint8Array(FRAMES * 4096))
        const spare = Array.from({ length: FRAMES }, (_, i) => (i * 7 + 3) % FRAMES)
        for (const s of steps) {
          if ('bytes' in s) {
            const match = twin.match(s.bytes)
            const frame = match >= 0 ? match : (spare.pop() ?? -1)
            const zpage = store(s.bytes)
            expect(zpage).toBe(frame < 0 ? -1 : twin.create(frame, s.bytes, 0, 0))
            if (zpage >= 0) expect(pool.locate(zpage)).toBe(twin.dataOffset(zpage))
          } else if (live.size > 0) {
            const zpage = [...live.keys()][s.free % live.size]
            free(zpage)
            const empty = twin.free(zpage)
            if (empty >= 0) spare.unshift(empty)
          }
          expect(pool.gives === 'frame' && pool.oldestFrame()).toBe(twin.oldest())
          expect(pool.stats()).toMatchObject(twin.counters)
        }
      }),
      { numRuns: 60 },
    )
  })

  it('returns a frame whose eviction failed to the old end: it is still the oldest', () => {
    const { pool, store } = makePool(zbud, { frames: FRAMES })
    if (pool.gives !== 'frame') throw new Error('not what it says')
    const oldest = pool.frameOf(store(3000))
    store(3000)
    pool.makeZombie(oldest, new Int32Array(3))
    pool.revive(oldest, false)
    expect(pool.oldestFrame()).toBe(oldest)
  })
})
