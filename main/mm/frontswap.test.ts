import { describe, expect, it } from 'vitest'
import type { Backend } from './backend.ts'
import { silentMeters } from './fixture-meters.ts'
import { Frontswap } from './frontswap.ts'

/** A backend that takes what it is told to take and never drops anything by itself. */
function make(exclusive?: boolean) {
  const held = new Map<number, number>()
  const calls: string[] = []
  const state = { take: true }
  const backend: Backend = {
    exclusive,
    store: (slot, frame) => {
      if (state.take) held.set(slot, frame)
      return state.take
    },
    load: (slot, _frame, take) => (take ? held.delete(slot) : held.has(slot)),
    invalidatePage: (slot) => {
      calls.push(`invalidate ${slot}`)
      held.delete(slot)
    },
    invalidateArea: () => {
      calls.push('invalidate area')
      held.clear()
    },
    shrink: () => 0,
    tick: () => {},
    writebackDone: () => {},
  }
  const recorded: string[] = []
  const recorder = (name: string) => ({ record: () => void recorded.push(name) })
  const meters = { ...silentMeters, load: recorder('load'), take: recorder('take') }
  const frontswap = new Frontswap(backend, 16, { now: () => 0 }, meters)
  return { frontswap, held, calls, state, recorded }
}

describe('frontswap', () => {
  it('drops the old copy when a second store of the slot is refused', () => {
    const { frontswap, held, state, calls } = make()
    frontswap.store(3, 1)
    state.take = false
    expect(frontswap.store(3, 2)).toBe(false)
    expect(calls).toEqual(['invalidate 3'])
    expect([held.size, frontswap.has(3), frontswap.pages]).toEqual([0, false, 0])
    expect(frontswap.load(3, 1)).toBe(false)
  })

  it('counts a slot once, however often it is stored', () => {
    const { frontswap } = make()
    frontswap.store(3, 1)
    frontswap.store(3, 2)
    expect([frontswap.pages, frontswap.counters.frontswap_succ_stores]).toEqual([1, 2])
  })

  it('asks the backend for a load or an invalidation only where the bit is set', () => {
    const { frontswap, calls, held } = make()
    held.set(5, 1) // a copy frontswap does not know of
    expect(frontswap.load(5, 1)).toBe(false)
    frontswap.invalidatePage(5)
    expect([calls, frontswap.counters.frontswap_invalidates]).toEqual([[], 0])
  })

  it('counts the slots that are freed while the backend has their page', () => {
    const { frontswap } = make()
    frontswap.store(3, 1)
    frontswap.store(4, 1)
    frontswap.invalidatePage(3)
    frontswap.invalidatePage(3)
    expect(frontswap.counters.frontswap_invalidates).toBe(1)
    frontswap.invalidatePage(4)
    expect(frontswap.counters.frontswap_invalidates).toBe(2)
  })

  it('a load is exclusive', () => {
    const { frontswap } = make()
    frontswap.store(3, 1)
    expect(frontswap.load(3, 1)).toBe(true)
    expect([frontswap.has(3), frontswap.pages, frontswap.load(3, 1)]).toEqual([false, 0, false])
  })

  it('a load leaves copy and bit where gets are not exclusive, until the page is taken or its slot freed', () => {
    const { frontswap, held, calls } = make(false)
    frontswap.store(3, 1)
    frontswap.store(4, 1)
    expect([frontswap.load(3, 1), frontswap.load(3, 1), frontswap.has(3), frontswap.pages]).toEqual([
      true,
      true,
      true,
      2,
    ])
    expect([frontswap.take(3, 1), frontswap.has(3), held.has(3), frontswap.take(3, 1)]).toEqual([
      true,
      false,
      false,
      false,
    ])
    frontswap.load(4, 1)
    frontswap.invalidatePage(4)
    expect([calls, held.size, frontswap.pages]).toEqual([['invalidate 4'], 0, 0])
  })

  it('times the load of a fault apart from those of writeback and repatriation', () => {
    const { frontswap, recorded } = make()
    for (const slot of [3, 4]) frontswap.store(slot, 1)
    frontswap.load(3, 1)
    frontswap.take(4, 1)
    frontswap.load(4, 1)
    expect(recorded).toEqual(['load', 'take'])
    expect(frontswap.counters.frontswap_loads).toBe(2)
  })

  it('forgets everything with the area', () => {
    const { frontswap, calls } = make()
    frontswap.store(3, 1)
    frontswap.store(4, 1)
    frontswap.invalidateArea()
    expect([calls, frontswap.pages, frontswap.has(4)]).toEqual([['invalidate area'], 0, false])
  })
})
