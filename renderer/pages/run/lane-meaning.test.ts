import { expect, it } from 'vitest'
import { LaneSpec } from '../../../main/contract/index.ts'
import type { ChoiceFacts } from '../../spec-form/choice-facts.ts'
import { laneMeaning } from './lane-meaning.ts'

const option = (description: string) => ({ title: '', description, unavailable: null, parameters: [] })
const FACTS: ChoiceFacts = new Map([
  [
    'lane',
    new Map([
      ['raw', option('Every page goes to disk.')],
      ['zcache', option('Pages are compressed.')],
    ]),
  ],
  ['policy', new Map([['lru-frame', option('the oldest frame leaves.')]])],
])
const meaning = (lane: unknown, facts = FACTS) => laneMeaning(LaneSpec.parse(lane), facts)

it('a lane is explained, with its policy where it writes back', () => {
  expect(meaning({ lane: 'raw' })).toBe('Every page goes to disk.')
  expect(meaning({ lane: 'zcache', writeback: 'on', policy: 'lru-frame' })).toBe(
    'Pages are compressed. Writeback: the oldest frame leaves.',
  )
  expect(meaning({ lane: 'zcache', writeback: 'off', policy: 'lru-frame' })).toBe('Pages are compressed.')
})

it('a policy of a file, and a lab that has not answered, say nothing', () => {
  expect(meaning({ lane: 'zcache', writeback: 'on', policy: './mine.ts' })).toBe('Pages are compressed.')
  expect(meaning({ lane: 'raw' }, new Map())).toBeNull()
})
