import { beforeEach, describe, expect, it } from 'vitest'
import { type ChosenRun, chooseNoRun, chooseRun, chosenRuns, MOST_COMPARED, unchooseRun } from './chosen-runs.ts'

const run = (id: string): ChosenRun => ({ id, name: 'made', startedAt: '2026-11-20T09:30:00.000Z' })
const chosen = () => chosenRuns().map(({ id }) => id)

describe('the runs chosen to be compared', () => {
  beforeEach(chooseNoRun)

  it('are those whose boxes are ticked, once each', () => {
    for (const id of ['a', 'b', 'a']) chooseRun(run(id), true)
    expect(chosen()).toEqual(['b', 'a'])
    chooseRun(run('b'), false)
    expect(chosen()).toEqual(['a'])
  })

  it('are no more than the lab compares: the oldest choice gives way', () => {
    const all = Array.from({ length: MOST_COMPARED + 1 }, (_, at) => String(at))
    for (const id of all) chooseRun(run(id), true)
    expect(chosen()).toEqual(all.slice(1))
  })

  it('are without one that is deleted', () => {
    for (const id of ['a', 'b']) chooseRun(run(id), true)
    unchooseRun('a')
    expect(chosen()).toEqual(['b'])
  })
})
