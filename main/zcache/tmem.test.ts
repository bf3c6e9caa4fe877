import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TMEM_MISS, Tmem } from './tmem.ts'

const NODES = 400

describe('tmem', () => {
  it('has its nodes back once nothing is in it, however often it was filled', () => {
    const tmem = new Tmem(NODES)
    const pool = tmem.newPool('persistent', 1, () => {})
    for (let round = 0; round < 10; round++) {
      for (let page = 0; page < 200; page++) tmem.put(pool, 0, page * 64, page)
      for (let page = 0; page < 200; page++) tmem.flushPage(pool, 0, page * 64)
      expect(tmem.counters).toMatchObject({ objnode_count: 0, obj_count: 0 })
    }
  })

  it('follows a plain map over any puts, takes and flushes, and frees each descriptor once', () => {
    const index = fc.oneof(fc.nat(70), fc.nat(5000), fc.nat(0x7fff_ffff))
    const step = fc.record({
      do: fc.constantFrom(
        'put' as const,
        'put' as const,
        'take' as const,
        'get' as const,
        'flush page' as const,
        'flush object' as const,
      ),
      oid: fc.nat(3),
      index,
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const freed = new Set<number>()
        const tmem = new Tmem(NODES * 2)
        const pool = tmem.newPool('persistent', 4, (pampd) => {
          expect(freed.has(pampd)).toBe(false)
          freed.add(pampd)
        })
        const model = new Map<string, number>()
        let next = 0
        const gone = new Set<number>()
        for (const { do: what, oid, index } of steps) {
          const key = `${oid}/${index}`
          const old = model.get(key)
          switch (what) {
            case 'put':
              tmem.put(pool, oid, index, next)
              if (old !== undefined) gone.add(old)
              model.set(key, next++)
              break
            case 'get':
              expect(tmem.get(pool, oid, index)).toBe(old ?? TMEM_MISS)
              break
            case 'take':
              expect(tmem.take(pool, oid, index)).toBe(old ?? TMEM_MISS)
              model.delete(key)
              break
            case 'flush page':
              tmem.flushPage(pool, oid, index)
              if (old !== undefined) gone.add(old)
              model.delete(key)
              break
            case 'flush object':
              tmem.flushObject(pool, oid)
              for (const [k, pampd] of model)
                if (k.startsWith(`${oid}/`)) {
                  gone.add(pampd)
                  model.delete(k)
                }
              break
          }
          expect(freed).toEqual(gone)
          expect(tmem.counters.obj_count).toBe(new Set([...model.keys()].map((k) => k.split('/')[0])).size)
        }
        tmem.destroyPool(pool)
        expect([tmem.counters.obj_count, tmem.counters.objnode_count]).toEqual([0, 0])
      }),
    )
  })

  it.each(['persistent', 'ephemeral'] as const)('holds the laws of coherency on a %s pool', (kind) => {
    const step = fc.record({
      do: fc.constantFrom('put' as const, 'put' as const, 'get' as const, 'flush' as const),
      index: fc.nat(5),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const tmem = new Tmem(NODES)
        const freed = new Set<number>()
        const pool = tmem.newPool(kind, 4, (pampd) => freed.add(pampd))
        const other = tmem.newPool(kind === 'persistent' ? 'ephemeral' : 'persistent', 4, () => {})
        for (let index = 0; index < 6; index++) tmem.put(other, 0, index, 1_000_000 + index)
        const newest = new Map<number, number>()
        let next = 0
        for (const { do: what, index } of steps) {
          if (what === 'put') {
            tmem.put(pool, 0, index, next)
            newest.set(index, next++)
          } else if (what === 'flush') {
            tmem.flushPage(pool, 0, index)
            newest.delete(index)
          } else {
            // Never an older one; and after a miss or a flush a miss, until the next put.
            expect(tmem.get(pool, 0, index)).toBe(newest.get(index) ?? TMEM_MISS)
            if (kind === 'ephemeral') newest.delete(index)
          }
          for (const pampd of newest.values()) expect(freed.has(pampd)).toBe(false)
        }
        tmem.destroyPool(pool)
        for (const pampd of newest.values()) expect(freed.has(pampd)).toBe(true)
        for (let index = 0; index < 6; index++) expect(tmem.take(other, 0, index)).toBe(1_000_000 + index)
      }),
    )
  })

  it('destroys an object with its last page', () => {
    const tmem = new Tmem(NODES)
    const pool = tmem.newPool('persistent', 4, () => {})
    tmem.put(pool, 1, 100_000, 7)
    expect(tmem.counters.obj_count).toBe(1)
    expect(tmem.take(pool, 1, 100_000)).toBe(7)
    expect([tmem.counters.obj_count, tmem.counters.objnode_count]).toEqual([0, 0])
  })

  it('says that it cannot put before it runs out of nodes', () => {
    const tmem = new Tmem(16)
    const pool = tmem.newPool('persistent', 4, () => {})
    let puts = 0
    while (tmem.canPut()) tmem.put(pool, 0, puts++ * 64, puts)
    expect(puts).toBeGreaterThan(3)
    for (let i = 0; i < puts; i++) expect(tmem.get(pool, 0, i * 64)).toBe(i + 1)
  })

  it('refuses a pool that was destroyed', () => {
    const tmem = new Tmem(NODES)
    const pool = tmem.newPool('persistent', 4, () => {})
    tmem.destroyPool(pool)
    expect(() => tmem.get(pool, 0, 0)).toThrow(/no tmem pool/)
  })
})
