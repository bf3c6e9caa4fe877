import { describe, expect, it } from 'vitest'
import { areCrowded, placeRules, placeSpans, type Rule } from './rules.ts'

const AREA = { left: 100, right: 300 }
/** One pixel each from the left end of the area. */
const pixel = (x: number) => AREA.left + x
const place = (...places: number[]) =>
  placeRules(
    places.map((x): Rule => ({ x, label: `at ${x}` })),
    AREA,
    pixel,
  )

describe('vertical lines over a chart', () => {
  it('are drawn in the part of it that is shown, and not over what stands beside it', () =>
    expect(place(-20, 40, 150, 260).map(({ rule: { x } }) => x)).toEqual([40, 150]))

  it('have their labels where the one before leaves room', () =>
    expect(place(8, 40, 50, 60, 100).flatMap(({ labelled, rule: { x } }) => (labelled ? [x] : []))).toEqual([
      40, 60, 100,
    ]))

  it('are crowded where none could be told from the next', () => {
    const crowded = (apart: number) =>
      areCrowded(place(...Array.from({ length: 200 / apart }, (_, at) => at * apart)), AREA)
    expect([5, 10].map(crowded)).toEqual([true, false])
  })
})

it('of lines above a chart there is as much as is shown of their time', () => {
  const spans = [
    [-50, -10],
    [-10, 20],
    [20, 120],
    [180, 900],
    [900, 950],
  ].map(([from, to]) => ({ from, to, colour: '#000', dash: [] }))
  expect(placeSpans(spans, AREA, pixel).map(({ from, to }) => [from, to])).toEqual([
    [100, 120],
    [120, 220],
    [280, 300],
  ])
})
