import { describe, expect, it } from 'vitest'
import { benjaminiHochberg } from './benjamini-hochberg.ts'
import { bootstrapMedianInterval, relativeShiftInterval } from './bootstrap.ts'
import { cliffsDelta } from './cliffs-delta.ts'
import { hodgesLehmann } from './hodges-lehmann.ts'
import { kolmogorovSmirnov, kolmogorovUpperTail } from './kolmogorov-smirnov.ts'
import { MANN_WHITNEY_EXACT_MAX, mannWhitneyU } from './mann-whitney.ts'
import { median } from './median.ts'
import { normalQuantile, normalUpperTail } from './normal-distribution.ts'
import cases from './reference/scipy-cases.json' with { type: 'json' }
import { wilcoxonSignedRank } from './wilcoxon-signed-rank.ts'

/** |ours − SciPy's| / SciPy's. */
function expectRelative(ours: number, theirs: number, tolerance: number): void {
  expect(Math.abs(ours - theirs)).toBeLessThanOrEqual(tolerance * Math.abs(theirs))
}

describe(`against SciPy ${cases.scipy}`, () => {
  it.each(cases.twoGroups)('two groups, case %#', ({ a, b, ties, ...theirs }) => {
    expect([median(a), median(b)]).toEqual(theirs.median)
    expect(cliffsDelta(a, b)).toBeCloseTo(theirs.cliffsDelta, 12)

    const u = mannWhitneyU(a, b)
    expect(u.u).toBe(theirs.mannWhitney.u)
    const exact = !ties && Math.max(a.length, b.length) <= MANN_WHITNEY_EXACT_MAX
    expect(u.method).toBe(exact ? 'exact' : 'normal')
    expectRelative(u.p, exact ? theirs.mannWhitney.p : theirs.mannWhitneyAsymptotic, 1e-10)

    const ks = kolmogorovSmirnov(a, b)
    expect(ks.d).toBeCloseTo(theirs.kolmogorovSmirnov.d, 12)
    expectRelative(ks.p, theirs.kolmogorovSmirnov.p, 1e-9)
  })

  it.each(cases.paired)('paired differences, case %#', ({ differences, wPlus, p, hodgesLehmann: centre }) => {
    const ours = wilcoxonSignedRank(differences)
    expect(ours.wPlus).toBe(wPlus)
    expectRelative(ours.p, p, 1e-10)
    expect(hodgesLehmann(differences).estimate).toBeCloseTo(centre, 12)
  })

  it.each(cases.adjusted)('adjusted p-values, case %#', ({ p, benjaminiHochberg: theirs }) => {
    for (const [index, q] of benjaminiHochberg(p).entries()) expectRelative(q, theirs[index], 1e-12)
  })

  // Both are random, so they agree to a fraction of the interval's own width.
  it.each(cases.bootstrap)('bootstrap of the median, case %#', ({ values, low, high }) => {
    const ours = bootstrapMedianInterval(values, { seed: 7, resamples: 50_000 })
    expect(Math.abs((ours?.low ?? Number.NaN) - low)).toBeLessThanOrEqual(0.05 * (high - low))
    expect(Math.abs((ours?.high ?? Number.NaN) - high)).toBeLessThanOrEqual(0.05 * (high - low))
  })

  it.each(cases.bootstrapShift)('bootstrap of the relative shift, case %#', ({ a, b, low, high }) => {
    const ours = relativeShiftInterval(a, b, { seed: 7, resamples: 50_000 })
    expect(Math.abs((ours.low ?? Number.NaN) - low)).toBeLessThanOrEqual(0.05 * (high - low))
    expect(Math.abs((ours.high ?? Number.NaN) - high)).toBeLessThanOrEqual(0.05 * (high - low))
  })

  it('normal and Kolmogorov distributions', () => {
    for (const [z, p] of cases.normalUpperTail) expectRelative(normalUpperTail(z), p, 1e-12)
    for (const [p, z] of cases.normalQuantile) expect(normalQuantile(p)).toBeCloseTo(z, 9)
    for (const [lambda, p] of cases.kolmogorovUpperTail) expectRelative(kolmogorovUpperTail(lambda), p, 1e-10)
  })
})
