import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PositionSet } from './position-set.ts'

describe('PositionSet', () => {
  it('holds what a plain set holds, with its greatest at hand', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40_000 }), fc.array(fc.tuple(fc.boolean(), fc.nat())), (limit, steps) => {
        const set = new PositionSet(limit)
        const plain = new Set<number>()
        for (const [adds, number] of steps) {
          const value = number % limit
          if (adds) {
            set.add(value)
            plain.add(value)
          } else {
            set.delete(value)
            plain.delete(value)
          }
          expect(set.has(value)).toBe(adds)
          expect(set.size).toBe(plain.size)
          expect(set.greatest()).toBe(Math.max(-1, ...plain))
          expect(set.before(value)).toBe(Math.max(-1, ...[...plain].filter((other) => other < value)))
        }
      }),
      { numRuns: 60 },
    )
  })
})
