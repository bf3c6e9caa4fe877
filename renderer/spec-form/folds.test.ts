import { describe, expect, it } from 'vitest'
import { allFolded, foldedAtFirst, withFold, withInserted, withRemoved, withSwapped } from './folds.ts'

const places = (folds: ReadonlySet<number>) => [...folds].sort()

describe('lanes folded to a line', () => {
  it('are all of many at first, and none of few', () => {
    expect(places(foldedAtFirst(3))).toEqual([])
    expect(places(foldedAtFirst(4))).toEqual([0, 1, 2, 3])
  })
  it('are folded and opened one by one', () => {
    expect(places(withFold(allFolded(3), 1, false))).toEqual([0, 2])
    expect(places(withFold(new Set([0]), 2, true))).toEqual([0, 2])
  })
  it('stay folded where a lane comes, goes or moves before them; the new one is open', () => {
    expect(places(withInserted(new Set([0, 1, 2]), 1))).toEqual([0, 2, 3])
    expect(places(withRemoved(new Set([0, 1, 2]), 1))).toEqual([0, 1])
    expect(places(withRemoved(new Set([2]), 0))).toEqual([1])
    expect(places(withSwapped(new Set([0, 2]), 0, 1))).toEqual([1, 2])
  })
})
