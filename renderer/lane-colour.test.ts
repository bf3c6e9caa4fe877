import { describe, expect, it } from 'vitest'
import { LIMITS } from '../main/contract/index.ts'
import { contrast, GROUND, inTierOrder, laneLook, pathColour, type Scheme, TIERS, tierLook } from './lane-colour.ts'
import { TEXT } from './theme.ts'

const SCHEMES: readonly Scheme[] = ['light', 'dark']
const PLACES = Array.from({ length: LIMITS.lanes.max }, (_, index) => index)

describe("a lane's look", () => {
  it('depends on its place alone', () => expect(laneLook(3, 'light')).toEqual(laneLook(3, 'light')))

  it.each(SCHEMES)('differs for every lane an experiment may have (%s)', (scheme) => {
    const looks = PLACES.map((index) => JSON.stringify(laneLook(index, scheme)))
    expect(new Set(looks).size).toBe(LIMITS.lanes.max)
  })

  it.each(SCHEMES)('can be told from another of the same hue by dash or shape (%s)', (scheme) => {
    for (const first of PLACES)
      for (const second of PLACES.filter((index) => index > first)) {
        const [a, b] = [laneLook(first, scheme), laneLook(second, scheme)]
        if (a.colour === b.colour) expect([a.dash, a.point]).not.toEqual([b.dash, b.point])
      }
  })
})

describe('contrast with the ground', () => {
  it('is that of WCAG', () => {
    expect(contrast('#000000', '#ffffff')).toBeCloseTo(21)
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2)
  })
  it.each(SCHEMES)('is at least 3 for every line and bar (%s)', (scheme) => {
    const lines = PLACES.map((index) => laneLook(index, scheme).colour)
    const tiers = TIERS.map((tier) => tierLook(tier, scheme).colour)
    const paths = [0, 1, 2].map((index) => pathColour('other', index, scheme))
    for (const colour of [...lines, ...tiers, ...paths])
      expect(contrast(colour, GROUND[scheme]), colour).toBeGreaterThanOrEqual(3)
  })
  it.each(SCHEMES)('is at least 4.5 for every text (%s)', (scheme) => {
    for (const colour of Object.values(TEXT[scheme]))
      expect(contrast(colour, GROUND[scheme]), colour).toBeGreaterThanOrEqual(4.5)
  })
})

describe('paths of fault time', () => {
  it('stand in the order of their cost, unknown ones last', () =>
    expect(inTierOrder(new Set(['reclaim', 'disk', 'pool']))).toEqual(['pool', 'disk', 'reclaim']))
})
