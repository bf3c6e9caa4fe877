import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EngineLane } from '../contract/index.ts'
import { COMBINATIONS, Draw, engineOptions } from './fixture-combinations.ts'
import { carryOut, commandsOf } from './fixture-sequences.ts'

/** 10 000 sequences of 200 commands, spread over every lane, allocator and policy. sequences.soak.ts goes on as long as it is asked to. */

const SEQUENCES = 10_000
const COMMANDS = 200
const EACH = Math.ceil(SEQUENCES / COMBINATIONS.length)

it('has every lane, allocator and policy', () => {
  expect(COMBINATIONS.length).toBeGreaterThan(120)
  const lanes = COMBINATIONS.map(({ backend }) => (backend ?? 'raw').replace(/^zswap (3\.11|v4)$/, 'zswap-2013'))
  // The lane live has zcache's pool, and another driver above it.
  expect(new Set([...lanes, 'live'])).toEqual(new Set(EngineLane.options.map(({ shape }) => shape.lane.value)))
  expect(EACH * COMBINATIONS.length).toBeGreaterThanOrEqual(SEQUENCES)
})

describe.each(COMBINATIONS)('$name', (combination) => {
  it(`gives every page back as last written, and its books balance: ${EACH} sequences of ${COMMANDS} commands`, () => {
    fc.assert(
      fc.property(Draw, commandsOf(COMMANDS), (draw, commands) => {
        carryOut(engineOptions(combination, draw), commands)
      }),
      { numRuns: EACH },
    )
  })
})
