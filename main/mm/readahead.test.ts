import { describe, expect, it } from 'vitest'
import { ReadaheadWindow } from './readahead.ts'

/** As many pages of the last window as that were used, then a fault far from all others. */
function windows(max: number, hits: readonly number[]): number[] {
  const window = new ReadaheadWindow(max)
  return hits.map((used, fault) => {
    for (let hit = 0; hit < used; hit++) window.hit()
    return window.next(1000 * fault)
  })
}

describe('the window of swap readahead', () => {
  it('is one page for faults here and there, and two for the second of two neighbours', () => {
    expect(windows(8, [0, 0, 0])).toEqual([1, 1, 1])
    for (const [place, pages] of [
      [501, 2],
      [499, 2],
      [500, 1],
      [502, 1],
    ]) {
      const window = new ReadaheadWindow(8)
      window.next(500)
      expect([place, window.next(place)]).toEqual([place, pages])
    }
  })

  it('is the power of two above the hits and two more, and at most its largest', () => {
    for (const [hits, pages] of [
      [1, 4],
      [2, 4],
      [3, 8],
      [6, 8],
      [7, 16],
      [14, 16],
      [15, 32],
      [100, 32],
    ])
      expect([hits, windows(32, [hits])]).toEqual([hits, [pages]])
    expect(windows(8, [100])).toEqual([8])
    expect(windows(1, [100])).toEqual([1])
  })

  it('falls by half at a time where nothing is used', () => {
    expect(windows(32, [20, 0, 0, 0, 0, 0, 0])).toEqual([32, 16, 8, 4, 2, 1, 1])
  })

  it('takes a fault on the same place for one on a neighbour where several pages lie at one', () => {
    const window = new ReadaheadWindow(8)
    window.next(500, true)
    expect(window.next(500, true)).toBe(2)
  })
})
