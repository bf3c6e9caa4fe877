import { describe, expect, it } from 'vitest'
import { seededRandom } from './seeded-random.ts'
import { serialDependence } from './serial-dependence.ts'

/** First-order process with known autocorrelation. */
function process(length: number, correlation: number, seed: number): number[] {
  const random = seededRandom(seed)
  let state = random.normal()
  return Array.from({ length }, () => {
    state = correlation * state + Math.sqrt(1 - correlation ** 2) * random.normal()
    return 100 + state
  })
}

describe('serial dependence', () => {
  it('takes independent trials for what they are, nine times in ten', () => {
    const flagged = Array.from({ length: 300 }, (_, seed) => serialDependence([process(20, 0, seed)]).worth).filter(
      (worth) => worth < 1,
    ).length
    expect(flagged).toBeLessThan(50)
  })

  it('finds about the autocorrelation there is, and what a trial is worth then', () => {
    const { autocorrelation, worth } = serialDependence([process(2000, 0.6, 1)])
    expect(autocorrelation).toBeCloseTo(0.58, 1)
    expect(worth).toBeCloseTo((1 - autocorrelation) / (1 + autocorrelation), 12)
  })

  it('does not take a difference between the groups for dependence inside them', () => {
    const apart = [process(200, 0, 1), process(200, 0, 2).map((value) => value * 2)]
    expect(serialDependence(apart).worth).toBe(1)
  })

  it('makes up for the bias of a short group', () => {
    // Lag one of these ranks is 21.75 / 82.5 = 0.2636, and (10 × 0.2636 + 1) / (10 − 4) = 0.606.
    const group = [3, 1, 2, 6, 5, 9, 4, 10, 7, 8]
    expect(serialDependence([group]).autocorrelation).toBeCloseTo(0.606, 3)
    expect(serialDependence([[1, 2, 3, 4, 5, 6]]).autocorrelation).toBe(0.95)
  })

  it('knows nothing of constant or very short groups', () => {
    expect(
      serialDependence([
        [1, 1, 1, 1, 1, 1],
        [1, 2, 3],
      ]),
    ).toEqual({ autocorrelation: 0, worth: 1 })
  })
})
