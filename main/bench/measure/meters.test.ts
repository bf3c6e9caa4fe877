import { expect, it } from 'vitest'
import { metricMeaning } from '../../contract/index.ts'
import { METER_NAMES } from './meters.ts'

it('every distribution that a trial measures can be explained, with each of its statistics', () => {
  const names = METER_NAMES.flatMap((name) =>
    ['mean', 'p50', 'p90', 'p99', 'p999', 'p9999'].map((of) => `${name}.${of}`),
  )
  expect(names.filter((name) => metricMeaning(name) === null)).toEqual([])
})
