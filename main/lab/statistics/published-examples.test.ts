import { describe, expect, it } from 'vitest'
import { benjaminiHochberg } from './benjamini-hochberg.ts'
import { bootstrapMedianInterval } from './bootstrap.ts'
import { cliffsDelta } from './cliffs-delta.ts'
import { hodgesLehmann } from './hodges-lehmann.ts'
import { kolmogorovSmirnov, kolmogorovUpperTail } from './kolmogorov-smirnov.ts'
import { mannWhitneyU } from './mann-whitney.ts'
import { tukeyOutliers } from './tukey-outliers.ts'
import { wilcoxonSignedRank } from './wilcoxon-signed-rank.ts'

/** Examples and tables a reader can look up. */

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)

describe('Mann-Whitney U', () => {
  // Hollander and Wolfe (1999), example 4.1: permeability of the chorioamnion (tritiated water diffusion, 10⁻⁵ cm/s), 10 at
  // term and 5 at 12–26 weeks; W = 30 for the second group, one-sided p = 0.1272.
  it('agrees with Hollander and Wolfe, example 4.1', () => {
    const term = [0.8, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
    const early = [1.15, 0.88, 0.9, 0.74, 1.21]
    const { u, p, method } = mannWhitneyU(term, early)
    expect(u).toBe(35)
    expect(method).toBe('exact')
    expect(p / 2).toBeCloseTo(0.1272, 4)
  })

  // Mann and Whitney (1947), table I: P(U ≤ u). For n = 3, m = 3: .050 .100 .200 .350 .500.
  it.each([
    { u: 0, tail: 0.05 },
    { u: 1, tail: 0.1 },
    { u: 2, tail: 0.2 },
    { u: 3, tail: 0.35 },
    { u: 4, tail: 0.5 },
  ])('agrees with the table of Mann and Whitney for 3 against 3, U = $u', ({ u, tail }) => {
    const groups: Record<number, [number[], number[]]> = {
      0: [
        [1, 2, 3],
        [4, 5, 6],
      ],
      1: [
        [1, 2, 4],
        [3, 5, 6],
      ],
      2: [
        [1, 2, 5],
        [3, 4, 6],
      ],
      3: [
        [1, 2, 6],
        [3, 4, 5],
      ],
      4: [
        [1, 3, 6],
        [2, 4, 5],
      ],
    }
    const [a, b] = groups[u]
    expect(mannWhitneyU(a, b).u).toBe(u)
    expect(mannWhitneyU(a, b).p).toBeCloseTo(2 * tail, 10)
  })

  it('knows no difference where all values are equal', () => {
    expect(mannWhitneyU([2, 2], [2, 2, 2])).toEqual({ u: 3, p: 1, method: 'normal' })
  })

  // The usual table of critical values, two-sided 5 %: U = 23 is significant for 10 against 10, U = 24 is not.
  it('agrees with the critical value for 10 against 10', () => {
    const pWhereU = (u: number): number => {
      // Each value of a stands just above as many values of b (1..10) as it is to beat.
      const wins = upTo(10).map((place) => Math.max(0, Math.min(10, u - 10 * (place - 1))))
      const a = wins.map((beaten, place) => beaten + 0.1 + place / 100)
      expect(mannWhitneyU(a, upTo(10)).u).toBe(u)
      return mannWhitneyU(a, upTo(10)).p
    }
    expect(pWhereU(23)).toBeLessThanOrEqual(0.05)
    expect(pWhereU(24)).toBeGreaterThan(0.05)
  })
})

describe('Kolmogorov-Smirnov', () => {
  // Massey (1951) and every table since: for 5 against 5, D = 5/5 has p = 2 / C(10,5), D = 4/5 has 20/252.
  it('agrees with the exact tail for 5 against 5', () => {
    expect(kolmogorovSmirnov([1, 2, 3, 4, 5], [6, 7, 8, 9, 10]).p).toBeCloseTo(2 / 252, 12)
    expect(kolmogorovSmirnov([1, 2, 3, 4, 6], [5, 7, 8, 9, 10])).toMatchObject({ d: 0.8, method: 'exact' })
    expect(kolmogorovSmirnov([1, 2, 3, 4, 6], [5, 7, 8, 9, 10]).p).toBeCloseTo(20 / 252, 12)
  })

  // Smirnov (1948): the limiting distribution reaches 95 % at λ = 1.3581 and 99 % at 1.6276.
  it("agrees with Smirnov's table of the limit", () => {
    expect(kolmogorovUpperTail(1.3581)).toBeCloseTo(0.05, 4)
    expect(kolmogorovUpperTail(1.6276)).toBeCloseTo(0.01, 4)
  })

  it('sees a change of shape that leaves the median where it was', () => {
    const narrow = upTo(40).map((value) => 100 + value / 100)
    const wide = upTo(40).map((value) => 100.205 + (value - 20.5) * 2)
    expect(kolmogorovSmirnov(narrow, wide).p).toBeLessThan(0.001)
    expect(mannWhitneyU(narrow, wide).p).toBeGreaterThan(0.5)
  })

  it('takes the limit for large groups', () => {
    const a = upTo(1200)
    expect(
      kolmogorovSmirnov(
        a,
        a.map((value) => value + 0.5),
      ),
    ).toMatchObject({ p: 1, method: 'asymptotic' })
  })
})

describe('Wilcoxon signed rank and Hodges-Lehmann', () => {
  // Hollander and Wolfe (1999), examples 3.1, 3.3 and 3.4: Hamilton depression scale of nine patients before and after
  // a tranquiliser. T+ = 5, one-sided p = .020; estimate −.46; 96 % interval (−.786, −.010).
  const before = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3]
  const after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
  const moves = after.map((value, patient) => value - before[patient])

  it('agree with Hollander and Wolfe on the depression scale', () => {
    expect(wilcoxonSignedRank(moves)).toMatchObject({ wPlus: 5, n: 9, method: 'exact' })
    expect(wilcoxonSignedRank(moves).p / 2).toBeCloseTo(0.0195, 4)
    const { estimate, interval } = hodgesLehmann(moves, 0.96)
    expect(estimate).toBeCloseTo(-0.46, 6)
    expect(interval?.low).toBeCloseTo(-0.786, 3)
    expect(interval?.high).toBeCloseTo(-0.01, 3)
  })

  // Darwin's maize (Fisher 1935): 15 pairs, crossed minus self-fertilised, eighths of an inch. Sum of positive ranks 96.
  it("agree with the classic figures on Darwin's maize", () => {
    const maize = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
    expect(wilcoxonSignedRank(maize).wPlus).toBe(96)
    expect(wilcoxonSignedRank(maize).p).toBeCloseTo(0.0413, 4)
  })

  it('ignore blocks that did not move, and know nothing where none did', () => {
    expect(wilcoxonSignedRank([0, 0, 0])).toEqual({ wPlus: 0, p: 1, n: 0, method: 'exact' })
    expect(wilcoxonSignedRank([0, 1, 2]).n).toBe(2)
  })

  it('pass smoothly from the exact to the normal distribution', () => {
    const differences = upTo(201).map((value) => (value % 7 < 3 ? -value : value))
    const exact = wilcoxonSignedRank(differences.slice(0, 200))
    const normal = wilcoxonSignedRank(differences)
    expect([exact.method, normal.method]).toEqual(['exact', 'normal'])
    expect(Math.abs(Math.log(exact.p / normal.p))).toBeLessThan(0.3)
  })
})

describe("Cliff's delta", () => {
  // Worked by hand from Cliff's (1993) definition: of 12 pairs 8 rise, 3 fall, one is tied.
  it('counts pairs as Cliff defines it', () => {
    expect(cliffsDelta([1, 3, 5, 7], [3.5, 5, 9])).toBeCloseTo((8 - 3) / 12, 12)
  })

  it('is 1, 0 and −1 where all, half and none rise', () => {
    expect(cliffsDelta([1, 2], [3, 4])).toBe(1)
    expect(cliffsDelta([1, 2], [1, 2])).toBe(0)
    expect(cliffsDelta([3, 4], [1, 2])).toBe(-1)
  })
})

describe('Benjamini-Hochberg', () => {
  // Benjamini and Hochberg (1995), section 4.1: fifteen hypotheses on thrombolysis; q = .05 rejects the first four.
  const ps = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1,
  ]

  it('rejects the four that Benjamini and Hochberg reject, in any order', () => {
    expect(benjaminiHochberg(ps).filter((p) => p <= 0.05)).toHaveLength(4)
    expect(benjaminiHochberg(ps)[3]).toBeCloseTo((15 / 4) * 0.0095, 12)
    expect(benjaminiHochberg([...ps].reverse())).toEqual(benjaminiHochberg(ps).reverse())
  })

  it('never makes a p smaller, and leaves a single one alone', () => {
    for (const [index, adjusted] of benjaminiHochberg(ps).entries()) expect(adjusted).toBeGreaterThanOrEqual(ps[index])
    expect(benjaminiHochberg([0.03])).toEqual([0.03])
    expect(benjaminiHochberg([])).toEqual([])
  })

  it('refuses what is no probability', () => {
    expect(() => benjaminiHochberg([1.2])).toThrow(RangeError)
    expect(() => benjaminiHochberg([Number.NaN])).toThrow(RangeError)
  })
})

describe('the bootstrap of a median', () => {
  // Efron and Tibshirani (1993), table 2.1: survival of 7 treated mice. For an odd n the distribution of a resample's
  // median is known (Efron 1979, section 3): the median is at most the k-th value where at least 4 of 7 draws are.
  const treated = [94, 197, 16, 38, 99, 141, 23]

  it("lands on the order statistics that Efron's exact distribution of the mice gives", () => {
    const sorted = [...treated].sort((a, b) => a - b)
    const atMost = (k: number): number => {
      const share = k / 7
      const choose = [35, 21, 7, 1]
      return choose.reduce((sum, ways, extra) => sum + ways * share ** (4 + extra) * (1 - share) ** (3 - extra), 0)
    }
    const quantile = (probability: number): number => sorted[upTo(7).findIndex((k) => atMost(k) >= probability)]
    expect(bootstrapMedianInterval(treated, { resamples: 20_000 })).toEqual({
      low: quantile(0.025),
      high: quantile(0.975),
    })
  })

  it('repeats for a seed, differs between seeds, and is null below three trials', () => {
    const values = upTo(30).map((value) => Math.sqrt(value * 7919) % 13)
    expect(bootstrapMedianInterval(values, { seed: 3 })).toEqual(bootstrapMedianInterval(values, { seed: 3 }))
    expect(bootstrapMedianInterval(values, { seed: 3, resamples: 50 })).not.toEqual(
      bootstrapMedianInterval(values, { seed: 4, resamples: 50 }),
    )
    expect(bootstrapMedianInterval([1, 2])).toBeNull()
  })

  it('refuses what was not measured', () => {
    expect(() => bootstrapMedianInterval([1, 2, Number.NaN])).toThrow(/finite/)
  })
})

describe("Tukey's fences", () => {
  it('mark what lies 1.5 and 3 interquartile ranges out, and drop nothing', () => {
    const { marks, fences } = tukeyOutliers([10, 11, 12, 13, 14, 18, 30])
    expect(fences).toEqual({ low: 11.5 - 1.5 * 4.5, high: 16 + 1.5 * 4.5 })
    expect(marks).toEqual(['inside', 'inside', 'inside', 'inside', 'inside', 'inside', 'far'])
    expect(tukeyOutliers([10, 11, 12, 13, 14, 18, 24]).marks.at(-1)).toBe('outside')
  })

  it('say nothing about fewer than five values', () => {
    expect(tukeyOutliers([1, 1, 1, 900])).toEqual({ marks: ['inside', 'inside', 'inside', 'inside'], fences: null })
  })
})
