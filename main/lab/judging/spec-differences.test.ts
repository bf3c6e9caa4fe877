import { expect, it } from 'vitest'
import { parseSpec } from '../../contract/index.ts'
import { specDifferences } from './spec-differences.ts'

const zcache = { lane: 'zcache', codec: 'lz4', writeback: 'off' } as const

it('what two specifications differ in is named by its path, with both values; their names are not', () => {
  const base = parseSpec({ name: 'one', memory: { frames: 2048, pool: 896 }, lanes: [{ lane: 'raw' }, zcache] })
  const next = parseSpec({
    name: 'other',
    memory: { frames: 2048, pool: 512 },
    lanes: [
      { lane: 'raw', label: 'plain' },
      { ...zcache, codec: 'zstd' },
    ],
  })
  expect(specDifferences(base, next)).toEqual([
    'memory.pool 512 instead of 896',
    'lanes.1.codec zstd instead of lz4',
    'lanes.0.label plain instead of absent',
  ])
  expect(specDifferences(base, { ...base, name: 'again' })).toEqual([])
})
