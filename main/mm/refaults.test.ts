import { expect, it } from 'vitest'
import { Refaults } from './refaults.ts'

it('times a writeback to the first fault on its page, and no later one: only that one is its doing', () => {
  const times: number[] = []
  const distances: number[] = []
  const refaults = new Refaults(4, {
    refaultTime: { record: (ns) => times.push(ns) },
    refaultDistance: { record: (faults) => distances.push(faults) },
  })
  refaults.writtenBack(2, 1000, 10)
  refaults.wanted(2, 1500, 13)
  refaults.wanted(2, 90_000, 400) // dropped unchanged meanwhile
  refaults.writtenBack(2, 100_000, 500)
  refaults.wanted(2, 100_700, 501)
  expect([times, distances]).toEqual([
    [500, 700],
    [3, 1],
  ])
})
