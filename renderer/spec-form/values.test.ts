import { describe, expect, it } from 'vitest'
import { ExperimentSpec } from '../../main/contract/index.ts'
import { problemsOf, valueAt, withValue } from './values.ts'

const spec = ExperimentSpec.parse({})
const problems = (path: (string | number)[], value: unknown) =>
  Object.fromEntries(problemsOf(withValue(spec, path, value)))

describe('typing into a specification', () => {
  it('changes one place and nothing else', () => {
    const next = withValue(spec, ['lanes', 1, 'codec'], 'zstd')
    expect(valueAt(next, ['lanes', 1, 'codec'])).toBe('zstd')
    expect(valueAt(next, ['lanes', 0])).toBe(spec.lanes[0])
    expect(valueAt(spec, ['lanes', 1, 'codec'])).toBe('lz4')
  })
  it('removes an optional field that is left empty', () =>
    expect(valueAt(withValue({ level: 3, codec: 'lz4' }, ['level'], undefined), [])).toEqual({ codec: 'lz4' }))
})

describe('problems', () => {
  it('are none for the defaults', () => expect(problemsOf(spec).size).toBe(0))
  it('say in plain words what a field needs, at its path', () => {
    expect(problems(['trials'], '')).toEqual({ trials: 'must not be empty' })
    expect(problems(['trials'], 0)).toEqual({ trials: 'must be at least 1' })
    expect(problems(['trials'], 2.5)).toEqual({ trials: 'must be a whole number' })
    expect(problems(['name'], '  ')).toEqual({ name: 'must not be empty' })
    expect(problems(['swapfile', 'io'], 'aio')).toEqual({ 'swapfile.io': 'must be one of psync, uring' })
    expect(problems(['warmup'], 0.95)).toEqual({ warmup: 'must be at most 0.9' })
    expect(problems(['workload', 'content'], { source: 'file', path: '', pages: 64 })).toEqual({
      'workload.content.path': 'must not be empty',
    })
  })
  it('include the rules between fields', () =>
    expect(problems(['memory', 'pool'], 4000)['memory.pool']).toContain('at most 90 %'))
})
