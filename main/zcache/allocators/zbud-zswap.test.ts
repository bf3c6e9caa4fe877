import { describe, expect, it } from 'vitest'
import { makePool } from './fixture-pool.ts'
import { ZBUD_ZSWAP_MAX_ZPAGE_BYTES, zbudZswap } from './zbud-zswap.ts'

const pool = () => makePool(zbudZswap, { frames: 32 })
/** Bytes that use exactly so many chunks. */
const chunks = (n: number) => n * 64

describe('zbud of zswap', () => {
  it('takes zpages up to 3968 bytes: 62 of 63 chunks, behind one of header', () => {
    expect(ZBUD_ZSWAP_MAX_ZPAGE_BYTES).toBe(3968)
  })

  it('pairs two zpages exactly where their chunks fit 63', () => {
    for (let first = 1; first <= 62; first++)
      for (const second of [1, 62 - first, 63 - first, 64 - first, 62]) {
        if (second < 1 || second > 62) continue
        const p = pool()
        p.store(chunks(first))
        p.store(chunks(second))
        expect(p.pool.frames, `${first} and ${second} chunks`).toBe(first + second <= 63 ? 1 : 2)
      }
  })

  it('puts the first zpage behind the header and ends the last at the end of the frame', () => {
    const { pool: p, store } = pool()
    const first = store(1000)
    const last = store(1000)
    const base = p.frameOf(first) * 4096
    expect(p.locate(first)).toBe(base + 64)
    expect(p.locate(last)).toBe(base + 4096 - 1024)
  })

  it('gives the header that zswap put before each zpage its room: 8 bytes until Linux 6.5', () => {
    const { pool: p, store } = makePool(
      { ...zbudZswap, create: (options) => zbudZswap.create({ ...options, header: 8 }) },
      { frames: 32 },
    )
    const first = store(chunks(31) - 8)
    const last = store(chunks(32) - 8)
    const base = p.frameOf(first) * 4096
    expect([p.frames, p.locate(first) - base, p.locate(last) - base]).toEqual([1, 72, 4096 - chunks(32) + 8])
    store(chunks(32) - 8)
    store(chunks(31) - 7) // one byte more is one chunk more
    expect(p.frames).toBe(3)
    expect([p.alloc(3961, 0, 0), p.stats().alloc_too_large]).toEqual([-1, 1])
    expect(p.audit()).toEqual([])
  })

  it('searches upward from the frame with just enough room, newest first among equals', () => {
    const { pool: p, store } = pool()
    store(chunks(50)) // 13 free
    const older = store(chunks(40)) // 23 free
    const newer = store(chunks(40))
    store(chunks(33)) // 30 free
    expect(p.frameOf(store(chunks(20)))).toBe(p.frameOf(newer))
    expect(p.frameOf(store(chunks(20)))).toBe(p.frameOf(older))
  })

  it('returns a frame whose eviction failed to the young end, as the kernel did', () => {
    const { pool: p, store } = pool()
    if (p.gives !== 'frame') throw new Error('not what it says')
    const oldest = p.frameOf(store(3000))
    const next = p.frameOf(store(3000))
    p.makeZombie(oldest, new Int32Array(3))
    p.revive(oldest, false)
    expect(p.oldestFrame()).toBe(next)
  })
})
