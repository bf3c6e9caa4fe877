import { describe, expect, it } from 'vitest'
import type { FioVerdict } from '../../contract/index.ts'
import { collectTurns, type Row } from './collect-turns.ts'

/** Rows by what their looks find, and a clock: turns of one row take a minute. */
function lab(...verdicts: (readonly (FioVerdict | null)[])[]) {
  const portions: number[] = []
  let minutes = 0
  const rows = verdicts.map((looks, at): Row => {
    let look = 0
    return {
      take: async () => {
        portions.push(at)
        minutes++
      },
      look: () => looks[look++] ?? null,
    }
  })
  const limits = { turns: 10, rounds: 1, looks: 3, ms: 60 * 60_000, now: () => minutes * 60_000 }
  return { rows, limits, portions }
}
const quiet = () => undefined

describe('collectTurns', () => {
  it('gives every row a portion, then in rounds those that are unclear, until they are decided', async () => {
    const { rows, limits, portions } = lab(
      ['unclear', 'holds'],
      ['holds'],
      ['unclear', 'unclear', 'missed'],
      ['missed'],
    )
    expect(await collectTurns(rows, limits, quiet)).toEqual([
      { ended: 'decided', looks: 2 },
      { ended: 'decided', looks: 1 },
      { ended: 'decided', looks: 3 },
      { ended: 'decided', looks: 1 },
    ])
    expect(portions).toEqual([0, 1, 2, 3, 0, 2, 2])
  })

  it('looks no oftener than the intervals allow for', async () => {
    const { rows, limits, portions } = lab(['unclear', 'unclear', 'unclear', 'holds'])
    expect(await collectTurns(rows, limits, quiet)).toEqual([{ ended: 'turns', looks: 3 }])
    expect(portions).toEqual([0, 0, 0])
  })

  it('begins nothing new after its time, but for what leads to the first look', async () => {
    const { rows, limits, portions } = lab(
      ['unclear', 'unclear', 'holds'],
      ['unclear', 'holds'],
      ['unclear', 'unclear'],
    )
    expect(await collectTurns(rows, { ...limits, ms: 4 * 60_000 }, quiet)).toEqual([
      { ended: 'time', looks: 2 },
      { ended: 'decided', looks: 2 },
      { ended: 'time', looks: 2 },
    ])
    expect(portions).toEqual([0, 1, 2, 0, 1, 2])
    const late = lab(['unclear'], ['unclear'])
    await collectTurns(late.rows, { ...late.limits, ms: 0 }, quiet)
    expect(late.portions).toEqual([0, 1])
  })

  it('spreads the turns of one look over rounds through all open rows', async () => {
    const { rows, limits, portions } = lab(['unclear', 'holds'], ['holds'])
    await collectTurns(rows, { ...limits, rounds: 3 }, quiet)
    expect(portions).toEqual([0, 1, 0, 1, 0, 1, 0, 0, 0])
  })

  it('has one portion of rows without anything beside them', async () => {
    const { rows, limits, portions } = lab([null], ['unclear', null])
    expect(await collectTurns(rows, limits, quiet)).toEqual([null, null])
    expect(portions).toEqual([0, 1, 1])
  })

  it('tells which of the open rows is next', async () => {
    const { rows, limits } = lab(['holds'], ['unclear', 'holds'], ['unclear', 'holds'])
    const told: number[][] = []
    await collectTurns(rows, limits, ({ look, row, at, of }) => told.push([look, row, at, of]))
    expect(told).toEqual([
      [0, 0, 0, 3],
      [0, 1, 1, 3],
      [0, 2, 2, 3],
      [1, 1, 0, 2],
      [1, 2, 1, 2],
    ])
  })
})
