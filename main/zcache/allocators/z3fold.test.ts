import { describe, expect, it } from 'vitest'
import { makePool } from './fixture-pool.ts'
import { Z3FOLD_MAX_BUDDY_BYTES, z3fold } from './z3fold.ts'

const pool = () => makePool(z3fold, { frames: 32 })
const chunks = (n: number) => n * 64
const chunkOf = (offset: number) => (offset % 4096) / 64

describe('z3fold', () => {
  it('holds three zpages a frame: first behind the header, last at the end, middle beside the first', () => {
    const { pool: p, store } = pool()
    const [first, last, middle] = [store(chunks(10)), store(chunks(20)), store(chunks(30))]
    expect(p.frames).toBe(1)
    expect([first, middle, last].map((zpage) => chunkOf(p.locate(zpage)))).toEqual([1, 11, 44])
    store(chunks(1))
    expect(p.frames).toBe(2)
  })

  it('takes a whole page; one that leaves no chunk beside it stands alone, without a header', () => {
    const { pool: p, store, faults } = pool()
    expect(Z3FOLD_MAX_BUDDY_BYTES).toBe(3968)
    const alone = store(3969)
    const page = store(4096)
    const buddied = store(3968)
    expect([alone, page, buddied].map((zpage) => p.locate(zpage) % 4096)).toEqual([0, 0, 64])
    expect(p.frameOf(store(1))).toBe(p.frameOf(buddied))
    expect(p.stats()).toMatchObject({ headless_count: 2 })
    expect(faults()).toEqual([])
  })

  it('moves a lone middle zpage to the front, where it keeps its descriptor', () => {
    const { pool: p, store, free, faults } = pool()
    const [first, last, middle] = [store(chunks(10)), store(chunks(20)), store(chunks(30))]
    free(last)
    free(first)
    expect(chunkOf(p.locate(middle))).toBe(1)
    expect(faults()).toEqual([])
    expect(p.frameOf(store(chunks(33)))).toBe(p.frameOf(middle))
    expect(p.frames).toBe(1)
  })

  it.each([
    { gap: 2, moved: 0 },
    { gap: 3, moved: 3 },
  ])(
    'with a gap of $gap chunks before the last, moves the middle by $moved when the first is freed',
    ({ gap, moved }) => {
      const { pool: p, store, free, faults } = pool()
      const first = store(chunks(10))
      store(chunks(63 - 10 - 20 - gap))
      const middle = store(chunks(20))
      free(first)
      expect(chunkOf(p.locate(middle))).toBe(11 + moved)
      expect(p.stats()).toMatchObject({ compactions: moved > 0 ? 1 : 0 })
      expect(faults()).toEqual([])
    },
  )

  it('moves the middle back to the first when the last is freed', () => {
    const { pool: p, store, free, faults } = pool()
    const first = store(chunks(13))
    const last = store(chunks(20))
    const middle = store(chunks(20))
    free(first) // the middle moves up to the last: chunks 24 to 43
    expect(chunkOf(p.locate(middle))).toBe(24)
    store(chunks(10))
    free(last)
    expect(chunkOf(p.locate(middle))).toBe(11)
    expect(faults()).toEqual([])
  })

  it('offers the larger gap beside a middle zpage, not the sum', () => {
    const { pool: p, store, free } = pool()
    const first = store(chunks(15))
    const last = store(chunks(16))
    store(chunks(30)) // middle at 16..46, last at 48: a gap of 2
    free(last)
    expect(p.frameOf(store(chunks(19)))).not.toBe(p.frameOf(first))
    expect(p.frameOf(store(chunks(18)))).toBe(p.frameOf(first))
  })

  it('leaves a zombie as it is until it is revived', () => {
    const { pool: p, store, free } = pool()
    if (p.gives !== 'frame') throw new Error('not what it says')
    const [first, last, middle] = [store(chunks(10)), store(chunks(20)), store(chunks(30))]
    const out = new Int32Array(3)
    expect(p.makeZombie(p.frameOf(first), out)).toBe(3)
    free(first)
    free(last)
    expect(chunkOf(p.locate(middle))).toBe(11)
    p.revive(p.frameOf(middle), false)
    expect(chunkOf(p.locate(middle))).toBe(1)
  })
})
