import { expect, it } from 'vitest'
import { type ExperimentInput, PAGE_SIZE, parseSpec } from '../../contract/index.ts'
import { estimateRun } from './estimate.ts'

it('counts the RAM twice where a lane holds it as live memory beside its frames', () => {
  const memory = (lanes: ExperimentInput['lanes']) =>
    estimateRun(parseSpec({ memory: { frames: 8192 }, lanes }), [], 0).memoryBytes
  expect(memory([{ lane: 'zcache' }, { lane: 'live' }])).toBe(memory([{ lane: 'zcache' }]) + 8192 * PAGE_SIZE)
})
