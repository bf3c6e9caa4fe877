import { expect, it } from 'vitest'
import { backoffMs } from './backoff.ts'

it('doubles from half a second and stops at ten', () =>
  expect([1, 2, 3, 4, 5, 6, 50].map(backoffMs)).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000]))
