import { describe, expect, it } from 'vitest'
import { steadyState } from './steady-state.ts'

describe('steady state', () => {
  it('begins with the first five rounds that keep both rules', () => {
    const { reachedAt, reason } = steadyState([300, 200, 150, 120, 104, 100, 101, 99, 100])
    expect(reachedAt).toBe(4)
    expect(reason).toBe('Reached at round 5: range 5.0 % (limit 20.0 %), trend 3.6 % (limit 10.0 %) over 5 rounds.')
  })

  it('is not reached while the range is more than 20 % of the mean', () => {
    expect(steadyState([100, 126, 100, 126, 100, 126, 100, 126]).reachedAt).toBeNull()
  })

  it('is not reached on a slope, even where the range is small', () => {
    const climbing = Array.from({ length: 12 }, (_, round) => 100 * 1.03 ** round)
    const { reachedAt, reason } = steadyState(climbing)
    expect(reachedAt).toBeNull()
    expect(reason).toMatch(/^Not reached in 12 rounds; the last 5: range 11\.8 % .* trend 11\.8 %/)
  })

  // Mean 100, max − min exactly 20, and the line through 90 95 100 105 110 moves by exactly 20.
  it('accepts a range of exactly 20 %, and a slope of exactly its limit', () => {
    expect(steadyState([90, 110, 100, 90, 110]).reachedAt).toBe(0)
    expect(steadyState([90, 95, 100, 105, 110], { slope: 0.2 }).reachedAt).toBe(0)
    expect(steadyState([90, 95, 100, 105, 110], { slope: 0.199 }).reachedAt).toBeNull()
  })

  it('says how many rounds are missing, and that a mean of 0 has no shares', () => {
    expect(steadyState([1, 2])).toEqual({ reachedAt: null, reason: 'Not reached: 2 rounds, the window needs 5.' })
    expect(steadyState([0, 0, 0, 0, 0]).reachedAt).toBeNull()
  })
})
