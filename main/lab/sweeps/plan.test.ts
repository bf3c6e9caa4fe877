import { describe, expect, it } from 'vitest'
import { LabError, pointSpec, pointValues, sweepSize } from '../../contract/index.ts'
import { checkSweep, planSweep } from './plan.ts'

const SPEC = {
  name: 'sizes',
  memory: { frames: 4096, pool: 1024 },
  lanes: [{ lane: 'raw' }, { lane: 'zcache', writeback: 'on' }],
}

describe('the points of a sweep', () => {
  const axes = [
    { field: 'memory.pool', values: [512, 1024, 2048] },
    { field: 'lanes.1.policy', values: ['lru-frame', 'keep-clean'] },
  ]

  it('are all combinations, the last axis varying fastest', () => {
    expect(sweepSize(axes)).toBe(6)
    expect(Array.from({ length: 6 }, (_, position) => pointValues(axes, position))).toEqual(
      [512, 1024, 2048].flatMap((pool) => ['lru-frame', 'keep-clean'].map((policy) => [pool, policy])),
    )
  })

  it('are the specification with their values, which itself is left alone', () => {
    const before = structuredClone(SPEC)
    expect(pointSpec(SPEC, axes, 3)).toMatchObject({
      memory: { frames: 4096, pool: 1024 },
      lanes: [{ lane: 'raw' }, { lane: 'zcache', policy: 'keep-clean' }],
    })
    expect(SPEC).toEqual(before)
  })
})

describe('a plan', () => {
  it('has a specification for each point, simulated, and knows which combinations are not possible', async () => {
    const plan = await planSweep({
      spec: SPEC,
      vary: [
        { field: 'memory.frames', values: '1024, 4096' },
        { field: 'memory.pool', values: '512, 2048' },
      ],
    })
    expect(plan.points.map(({ position, spec }) => [position, spec.mode, spec.memory])).toEqual([
      [0, 'simulate', { frames: 1024, pool: 512 }],
      [2, 'simulate', { frames: 4096, pool: 512 }],
      [3, 'simulate', { frames: 4096, pool: 2048 }],
    ])
    expect(plan.impossible).toMatchObject([
      { position: 1, lanes: [], fault: { code: 'bad_input', field: 'memory.pool' } },
    ])
    expect(plan).toMatchObject({ name: 'sizes', lanes: ['raw', 'zcache lz4 writeback lru-frame'] })
  })

  const vary = (field: string, values: string) => [{ field, values }]
  it.each([
    [
      'a value possible in no combination',
      SPEC,
      vary('memory.pool', '512, 9000'),
      'vary.0.values',
      '9000 is possible in no combination',
    ],
    ['a field there is none of', SPEC, vary('memory.pol', '1'), 'vary.0.values', 'there is no field "pol"'],
    ['a place there is none of', SPEC, vary('lanes.7.codec', 'lz4'), 'vary.0.values', 'no place in a list of 2'],
    ['values that are no list', SPEC, vary('memory.pool', '1, [2'), 'vary.0.values', 'parted by commas'],
    ['values that are no JSON', SPEC, vary('memory.pool', '.nan'), 'vary.0.values', 'parted by commas'],
    ['a value that is there twice', SPEC, vary('memory.pool', '512, 512'), 'vary.0.values', 'there twice'],
    ['the mode', SPEC, vary('mode', 'measure'), 'vary.0.field', 'cannot be varied'],
    ['a field varied twice', SPEC, [...vary('seed', '1'), ...vary('seed', '2')], 'vary.1.field', 'varied twice'],
    [
      'too many combinations',
      SPEC,
      [...vary('seed', numbers(200)), ...vary('trials', numbers(51))],
      'vary',
      '10200 combinations',
    ],
    ['a specification wrong by itself', { ...SPEC, seed: -1 }, vary('memory.pool', '512'), 'seed', 'must be 0 to'],
    ['no specification', 'text', vary('memory.pool', '512'), 'spec', 'needs a specification'],
    ['a kernel lane', { lanes: [{ lane: 'kernel-swap' }] }, vary('seed', '1'), 'lanes.0.lane', 'kernel-swap is'],
  ])('refuses %s, before it starts and while a person types', async (_, spec, wanted, field, words) => {
    for (const judge of [planSweep, checkSweep]) {
      const error = await judge({ spec, vary: wanted }).then(
        () => null,
        (thrown: unknown) => thrown,
      )
      expect(error).toBeInstanceOf(LabError)
      expect(error).toMatchObject({ field, message: expect.stringContaining(words), remedy: expect.any(String) })
    }
  })

  it('may be of 10 000 points', async () => {
    expect((await planSweep({ spec: SPEC, vary: vary('seed', numbers(10_000)) })).points).toHaveLength(10_000)
    expect(await checkSweep({ spec: SPEC, vary: vary('seed', numbers(10_000)) })).toBe(10_000)
  })
})

function numbers(count: number): string {
  return Array.from({ length: count }, (_, n) => n + 1).join(', ')
}
