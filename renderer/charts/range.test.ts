import { describe, expect, it } from 'vitest'
import { cursorAfter, inside, placesApart, wholeOf, within, zoomed } from './range.ts'

const POINTS = [0, 10, 20, 30, 40].map((x) => ({ x, y: x }))
const placesOf = (range: { min: number; max: number } | null) => within(POINTS, range).map(({ x }) => x)

describe('a part of a line', () => {
  it('has its points, and one on each side of it', () => {
    expect(placesOf(null)).toHaveLength(5)
    expect(placesOf({ min: 10, max: 20 })).toEqual([0, 10, 20, 30])
    expect(placesOf({ min: 15, max: 35 })).toEqual([10, 20, 30, 40])
    // Between two points: the line between them.
    expect(placesOf({ min: 12, max: 18 })).toEqual([10, 20])
  })

  it('has none where the line does not go', () => {
    expect(placesOf({ min: 50, max: 60 })).toEqual([])
    expect(placesOf({ min: -9, max: -1 })).toEqual([])
  })
})

it('a zoom keeps the place it is around', () => {
  expect(zoomed({ min: 0, max: 40 }, 0.5, null)).toEqual({ min: 10, max: 30 })
  expect(zoomed({ min: 0, max: 40 }, 0.5, 40)).toEqual({ min: 20, max: 40 })
})

describe('what is shown after a zoom out', () => {
  const whole = wholeOf([{ points: POINTS }, { points: [{ x: 50, y: 0 }] }], { min: -10 })
  it('ends where the axis does', () => {
    expect(whole).toEqual({ min: -10, max: 50 })
    expect(inside({ min: 20, max: 80 }, whole)).toEqual({ min: 20, max: 50 })
    expect(inside({ min: -30, max: 20 }, whole)).toEqual({ min: -10, max: 20 })
  })
  it('is all where nothing is left out, or nothing is left', () => {
    expect(inside({ min: -10, max: 50 }, whole)).toBeNull()
    expect(inside({ min: -40, max: 90 }, whole)).toBeNull()
    expect(inside({ min: 60, max: 70 }, whole)).toBeNull()
  })
})

it('places that are gone through stand apart, and end with the last', () => {
  const apart = (places: number[]) => placesApart(places, (place) => 2 * place, 8)
  expect(apart([0, 1, 3, 4, 7, 9])).toEqual([0, 4, 9])
  expect(apart([0, 4, 5])).toEqual([0, 4, 5])
  expect(apart([])).toEqual([])
})

describe('a key', () => {
  const places = [1, 2, 4, 8]
  it('leads to the next value, and not beyond the ends', () => {
    expect(cursorAfter('ArrowRight', 2, places)).toBe(4)
    expect(cursorAfter('ArrowRight', 8, places)).toBe(8)
    expect(cursorAfter('ArrowLeft', 1, places)).toBe(1)
    expect([cursorAfter('Home', 4, places), cursorAfter('End', 4, places)]).toEqual([1, 8])
  })
  it('begins at an end', () => {
    expect(['ArrowRight', 'Home', 'PageUp'].map((key) => cursorAfter(key, null, places))).toEqual([1, 1, 1])
    expect(['ArrowLeft', 'End', 'PageDown'].map((key) => cursorAfter(key, null, places))).toEqual([8, 8, 8])
  })
  it('of another kind, or where there is nothing, leads nowhere', () => {
    expect(cursorAfter('Tab', 2, places)).toBeUndefined()
    expect(cursorAfter('ArrowRight', 2, [])).toBeUndefined()
  })
})
