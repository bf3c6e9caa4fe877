import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { ExperimentSpec, withField } from '../../../main/contract/index.ts'
import type { OptionFacts } from '../../spec-form/choice-facts.ts'
import { fieldChoices, matching, textOf, writtenValues } from './field-choices.ts'

const VALUES = ExperimentSpec.parse({})
const choices = fieldChoices(VALUES, new Map())
const choiceOf = (path: string) => choices.find((choice) => choice.path === path)

describe('the fields that can be varied', () => {
  it('have their path, title, unit and value from the specification', () => {
    expect(choiceOf('memory.pool')).toEqual({
      path: 'memory.pool',
      title: 'Memory: Pool limit',
      unit: 'pages',
      now: '2048',
      options: [],
    })
  })

  it('are those of each lane as it is, by its place', () => {
    expect(choiceOf('lanes.2.codec')).toMatchObject({ title: 'Lane 3: Codec', now: 'lz4' })
    expect(choiceOf('lanes.2.codec')?.options).toContain('zstd')
    expect(choiceOf('lanes.0.codec')).toBeUndefined()
    expect(choiceOf('workload.access.theta')).toBeDefined()
    expect(choiceOf('workload.access.scan')).toBeUndefined()
  })

  it('are parameters of the chosen policy too, at their default', () => {
    const facts: OptionFacts = {
      title: 'lru-frame',
      description: null,
      unavailable: null,
      parameters: [{ name: 'headroom', default: 0.03, min: 0, max: 1, unit: 'share', meaning: 'made up' }],
    }
    const tuned = fieldChoices(VALUES, new Map([['policy', new Map([['lru-frame', facts]])]]))
    expect(tuned.find(({ path }) => path === 'lanes.1.parameters.headroom')).toMatchObject({ now: '0.03' })
  })

  it('lead somewhere in the specification, each of them', () => {
    expect(choices.length).toBeGreaterThan(40)
    for (const { path, options } of choices) expect(() => withField(VALUES, path, options[0] ?? 1), path).not.toThrow()
  })

  it('leave out what a sweep decides itself', () => {
    expect(choiceOf('mode')).toBeUndefined()
    expect(choiceOf('name')).toBeUndefined()
  })

  it('are found by words of path or title', () => {
    expect(matching(choices, 'lane 3 codec').map(({ path }) => path)).toEqual(['lanes.2.codec'])
    expect(matching(choices, 'memory.p').map(({ path }) => path)).toEqual(['memory.pool'])
    expect(matching(choices, '')).toHaveLength(choices.length)
  })
})

it('values are separated by commas', () => {
  expect(writtenValues(' lz4 ,zstd,, ')).toEqual(['lz4', 'zstd'])
})

it('values stand in quotes where they would be read as something else, however they were typed', () => {
  expect(writtenValues(`'3.11', "3.11", 3.11, "lz4", "a\\"b"`)).toEqual(['"3.11"', '"3.11"', '3.11', 'lz4', '"a\\"b"'])
  const zswap = fieldChoices({ lanes: [{ lane: 'zswap-2013', form: '3.11' }] }, new Map())
  expect(zswap.find(({ path }) => path === 'lanes.0.form')).toMatchObject({ now: '"3.11"', options: ['"3.11"', 'v4'] })
})

it('values of a sweep are written so that the lab reads them as they were', () => {
  const values = [1024, 0.5, null, true, 'lz4', 'on', 'zstd:3', 'true', '12', 'a, b', './my-policy.js', { size: [1] }]
  expect(parse(`[${textOf(values)}]`)).toEqual(values)
  expect(textOf(['lz4', 'lru-frame', 1024])).toBe('lz4, lru-frame, 1024')
})
