import { expect, it } from 'vitest'
import { QUANTITIES, topOf } from './series.ts'

const quantity = (name: string) => QUANTITIES.find((entry) => entry.name === name) ?? QUANTITIES[0]
const line = (warmup: readonly number[], measured: readonly number[]) => ({
  points: [...warmup, ...measured].map((y, x) => ({ x, y, warmup: x < warmup.length })),
})

it('a warm-up far above what was measured goes beyond the top of the axis', () => {
  const lines = [line([80_000, 6_000], [5_000, 7_000]), line([40_000], [8_600])]
  expect(topOf(lines, quantity('faults'))).toBe(10_000)
  expect(topOf([line([90 * 2 ** 20], [7 * 2 ** 20])], quantity('bytesWritten'))).toBe(8 * 2 ** 20)
})

it('the axis is left alone where the warm-up is no taller, or is all there is', () => {
  expect(topOf([line([10_000], [9_000])], quantity('faults'))).toBeNull()
  expect(topOf([line([10_000], [])], quantity('faults'))).toBeNull()
  expect(topOf([line([10_000], [0, 0])], quantity('faults'))).toBeNull()
})
