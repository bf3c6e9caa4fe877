import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { SlotMap, SWAPFILE_CLUSTER } from './slots.ts'

describe('SlotMap', () => {
  it('hands out the slots of a free cluster in order, then the next cluster', () => {
    const map = new SlotMap(3 * SWAPFILE_CLUSTER)
    const order = Array.from({ length: map.slots }, () => map.alloc())
    expect(order).toEqual(Array.from({ length: map.slots }, (_, i) => i))
    expect(map.alloc()).toBe(-1)
  })

  it('prefers a wholly free cluster to holes in used ones', () => {
    const map = new SlotMap(3 * SWAPFILE_CLUSTER)
    for (let i = 0; i < 2 * SWAPFILE_CLUSTER; i++) map.alloc()
    map.free(10)
    expect(map.alloc()).toBe(2 * SWAPFILE_CLUSTER)
  })

  it('takes a freed cluster again, oldest freed first', () => {
    const map = new SlotMap(3 * SWAPFILE_CLUSTER)
    for (let i = 0; i < map.slots; i++) map.alloc()
    for (let i = SWAPFILE_CLUSTER; i < 2 * SWAPFILE_CLUSTER; i++) map.free(i)
    for (let i = 0; i < SWAPFILE_CLUSTER; i++) map.free(i)
    expect(map.alloc()).toBe(SWAPFILE_CLUSTER)
  })

  it('takes a cluster that was freed while it was handed out before holes in used ones', () => {
    const map = new SlotMap(4 * SWAPFILE_CLUSTER)
    for (let i = 0; i < 2 * SWAPFILE_CLUSTER; i++) map.alloc()
    for (let i = SWAPFILE_CLUSTER; i < 2 * SWAPFILE_CLUSTER; i++) map.free(i)
    for (let i = 0; i < 2 * SWAPFILE_CLUSTER; i++) map.alloc()
    map.free(10)
    expect(map.alloc()).toBe(SWAPFILE_CLUSTER)
  })

  it('finds the last free slot of a fragmented area', () => {
    const map = new SlotMap(1000)
    for (let i = 0; i < 1000; i++) map.alloc()
    map.free(137)
    expect(map.alloc()).toBe(137)
    expect(map.alloc()).toBe(-1)
  })

  it('throws at a double free and at a slot outside', () => {
    const map = new SlotMap(300)
    const slot = map.alloc()
    map.free(slot)
    expect(() => map.free(slot)).toThrow(/twice/)
    expect(() => map.free(300)).toThrow()
    expect(() => map.free(-1)).toThrow()
    expect(() => new SlotMap(0)).toThrow()
  })

  it('bumps the generation of a slot at each free', () => {
    const map = new SlotMap(300)
    const slot = map.alloc()
    map.free(slot)
    expect([map.generation[slot], map.generation[map.alloc()]]).toEqual([1, 0])
  })

  it('agrees with a plain set: never hands out a taken slot, and is full only when it is', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 900 }),
        fc.array(fc.record({ alloc: fc.boolean(), many: fc.integer({ min: 1, max: 400 }), pick: fc.nat() })),
        (slots, steps) => {
          const map = new SlotMap(slots)
          const taken: number[] = []
          const has = new Set<number>()
          for (const step of steps) {
            for (let i = 0; i < step.many; i++) {
              if (step.alloc) {
                const slot = map.alloc()
                if (taken.length === slots) {
                  expect(slot).toBe(-1)
                  break
                }
                expect(slot >= 0 && slot < slots && !has.has(slot)).toBe(true)
                has.add(slot)
                taken.push(slot)
              } else if (taken.length > 0) {
                const at = (step.pick + i * 7919) % taken.length
                const slot = taken[at]
                taken[at] = taken[taken.length - 1]
                taken.pop()
                has.delete(slot)
                map.free(slot)
              }
            }
            expect(map.inUse).toBe(has.size)
          }
          for (let slot = 0; slot < slots; slot++) expect(map.isTaken(slot)).toBe(has.has(slot))
        },
      ),
    )
  })
})
