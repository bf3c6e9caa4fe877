import { expect, it } from 'vitest'
import { fieldText } from './field-text.ts'
import { axisText } from './sweep-axis.ts'

it('a field of a lane is told with the number that the lane has in form, legend and table', () => {
  expect(fieldText('lanes.2.policy')).toBe('lanes.2.policy (lane\u00a03)')
  expect(fieldText('lanes.0')).toBe('lanes.0 (lane\u00a01)')
  expect(['lanes', 'memory.pool', ''].map(fieldText)).toEqual(['lanes', 'memory.pool', ''])
  expect(axisText({ field: 'lanes.1.codec', values: ['lz4', 'zstd'] })).toBe('lanes.1.codec (lane\u00a02): lz4, zstd')
})
