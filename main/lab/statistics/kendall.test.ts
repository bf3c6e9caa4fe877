import { describe, expect, it } from 'vitest'
import { kendall, type Stratum } from './kendall.ts'
import cases from './reference/scipy-cases.json' with { type: 'json' }

const permutations = (values: number[]): number[][] =>
  values.length <= 1
    ? [values]
    : values.flatMap((value, at) => permutations(values.toSpliced(at, 1)).map((rest) => [value, ...rest]))

describe("Kendall's test", () => {
  // Hollander and Wolfe (1973), p. 187: quality of canned tuna by an instrument and by a panel; the help page of R's cor.test
  // prints T = 26, p-value = 0.1194, tau = 0.4444.
  it('agrees with Hollander and Wolfe, and with R', () => {
    const x = [44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1]
    const y = [2.6, 3.1, 2.5, 5, 3.6, 4, 5.2, 2.8, 3.8]
    const { s, tau, p, method } = kendall([{ x, y }])
    expect(s).toBe(26 - 10)
    expect(tau).toBeCloseTo(0.4444444, 7)
    expect(p).toBeCloseTo(0.1194, 4)
    expect(method).toBe('exact')
  })

  // The example of SciPy's documentation of kendalltau, with ties.
  it("agrees with SciPy's documentation", () => {
    const { tau, p, method } = kendall([{ x: [12, 2, 1, 12, 2], y: [1, 4, 7, 1, 0] }])
    expect(tau).toBeCloseTo(-0.47140452079103173, 12)
    expect(p).toBeCloseTo(0.2827454599327748, 12)
    expect(method).toBe('normal')
  })

  it.each(cases.kendall)('agrees with SciPy, case %#', ({ x, y, ties, tau, p }) => {
    const ours = kendall([{ x, y }])
    expect(ours.tau).toBeCloseTo(tau, 12)
    expect(ours.method).toBe(ties ? 'normal' : 'exact')
    expect(Math.abs(ours.p - p)).toBeLessThanOrEqual(1e-9 * p)
  })
})

describe('strata', () => {
  it('are exact: as often as among all orders of each', () => {
    const orders = permutations([1, 2, 3, 4])
    const x = [1, 2, 3, 4]
    const observed: Stratum[] = [
      { x, y: [1, 2, 4, 3] },
      { x, y: [2, 1, 3, 4] },
    ]
    const { s, p } = kendall(observed)
    const sOf = (y: number[]) => kendall([{ x, y }]).s
    const sums = orders.flatMap((a) => orders.map((b) => sOf(a) + sOf(b)))
    expect(s).toBe(8)
    expect(p).toBeCloseTo(sums.filter((sum) => Math.abs(sum) >= 8).length / sums.length, 12)
  })

  it('count for nothing themselves: what only differs between them is no correlation', () => {
    const apart = [
      { x: [1, 2, 3, 4], y: [4, 1, 3, 2] },
      { x: [101, 102, 103, 104], y: [104, 101, 103, 102] },
      { x: [201, 202, 203, 204], y: [204, 201, 203, 202] },
    ]
    const together = [{ x: apart.flatMap(({ x }) => x), y: apart.flatMap(({ y }) => y) }]
    expect(kendall(together).p).toBeLessThan(0.01)
    expect(kendall(apart).p).toBeGreaterThan(0.3)
  })

  it('say nothing where nothing varies', () => {
    expect(kendall([{ x: [1, 1, 1], y: [1, 2, 3] }])).toMatchObject({ tau: 0, p: 1 })
    expect(kendall([])).toMatchObject({ tau: 0, p: 1 })
  })

  it('refuse what is no number, and what is no pair', () => {
    expect(() => kendall([{ x: [1, Number.NaN], y: [1, 2] }])).toThrow(RangeError)
    expect(() => kendall([{ x: [1], y: [1, 2] }])).toThrow(RangeError)
  })
})
