import { describe, expect, it } from 'vitest'
import { changePoints } from './change-points.ts'
import { seededRandom } from './seeded-random.ts'

/** A history around 100 with 2 % noise; `level` gives the true level of each point. */
function history(length: number, level: (index: number) => number, seed: number): number[] {
  const random = seededRandom(seed)
  return Array.from({ length }, (_, index) => level(index) * Math.exp(0.02 * random.normal()))
}

describe('change points', () => {
  it('finds a step, with its levels', () => {
    const { points } = changePoints(history(40, (index) => (index < 25 ? 100 : 112), 1))
    expect(points).toHaveLength(1)
    expect(Math.abs(points[0].index - 25)).toBeLessThanOrEqual(1)
    expect(points[0].shift).toBeCloseTo(0.12, 1)
    expect(points[0].before).toBeCloseTo(100, -1)
  })

  it('finds both ends of a bad month, which one cut after another would miss', () => {
    const { points } = changePoints(history(60, (index) => (index >= 20 && index < 35 ? 115 : 100), 2))
    expect(points.map(({ shift }) => Math.sign(shift ?? 0))).toEqual([1, -1])
  })

  it('makes no step of one wild run, nor of five', () => {
    const wild = (count: number): number[] => history(60, (index) => (index >= 30 && index < 30 + count ? 200 : 100), 3)
    expect(changePoints(wild(1)).points).toEqual([])
    expect(changePoints(wild(5)).points).toEqual([])
    expect(changePoints(wild(6)).points).toHaveLength(2)
  })

  it('puts a step where it is, however wild a run is near it', () => {
    const level = (index: number) => (index < 9 ? 100 : index < 17 ? 110 : 90)
    for (let seed = 0; seed < 20; seed++)
      for (let wild = 0; wild < 27; wild++) {
        const { points } = changePoints(
          history(27, level, seed).map((value, index) => (value + 3 * level(index)) / 4 + (index === wild ? 200 : 0)),
        )
        // The wild run itself may stand on either side.
        for (const [at, truth] of [9, 17].entries())
          expect([seed, wild, points[at]?.index - truth]).toEqual([
            seed,
            wild,
            wild === truth || wild === truth - 1 ? expect.any(Number) : 0,
          ])
      }
  })

  it('wants six points on each side', () => {
    const step = (after: number): number[] => [...Array(20).fill(100), ...Array(after).fill(110)]
    expect(changePoints(step(5)).points).toEqual([])
    expect(changePoints(step(6)).points).toMatchObject([{ index: 20, before: 100, after: 110 }])
    expect(changePoints([1, 2, 3])).toMatchObject({ points: [], smallest: null, sigma: null })
  })

  it('needs twelve points, and finds a step in the middle of them', () => {
    const twelve = [...Array(6).fill(100), ...Array(6).fill(110)]
    expect(changePoints(twelve)).toMatchObject({
      points: [{ index: 6 }],
      reason: '1 step in 12 points. The smallest step it could show is 1.0 %.',
    })
    expect(changePoints(twelve.slice(1))).toMatchObject({
      points: [],
      reason: '11 points: a step needs 6 on each side.',
    })
  })

  it('makes no step of some wild runs among many equal ones, where the level stays', () => {
    const wild = [150, 100, 100, 150, 100, 100, 150, 100, 100, 100]
    expect(changePoints([...Array(20).fill(100), ...wild, ...Array(20).fill(100)]).points).toEqual([])
  })

  it('wants 1 %, even where there is no noise at all', () => {
    const step = (after: number): number[] => [...Array(10).fill(100), ...Array(10).fill(after)]
    expect(changePoints(step(100.9)).points).toEqual([])
    expect(changePoints(step(101.1)).points).toHaveLength(1)
  })

  it('knows of a step away from 0 its levels, and no share of nothing', () => {
    expect(changePoints([...Array(10).fill(0), ...Array(10).fill(5)]).points).toEqual([
      { index: 10, before: 0, after: 5, shift: null },
    ])
    expect(changePoints([...Array(10).fill(5), ...Array(10).fill(0)]).points).toMatchObject([{ index: 10, shift: -1 }])
  })

  it('prints the smallest step that 2 % noise could show: 2.5 standard deviations', () => {
    const { smallest, reason } = changePoints(history(400, () => 100, 4))
    expect(smallest).toBeGreaterThan(0.04)
    expect(smallest).toBeLessThan(0.06)
    expect(reason).toMatch(/^No step in 400 points\. The smallest step it could show is \d\.\d %\.$/)
  })

  it('calls fewer than 1 in 100 quiet histories stepped, and finds most steps of four deviations', () => {
    const seeds = Array.from({ length: 400 }, (_, seed) => seed)
    const alarms = seeds.filter((seed) => changePoints(history(40, () => 100, seed)).points.length > 0).length
    const found = seeds.filter(
      (seed) => changePoints(history(40, (index) => (index < 20 ? 100 : 108), seed)).points.length === 1,
    ).length
    console.info(`quiet histories with a step: ${alarms} of 400; steps of four deviations found: ${found} of 400`)
    expect(alarms).toBeLessThan(4)
    expect(found).toBeGreaterThan(370)
  })
})
