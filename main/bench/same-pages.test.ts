import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Arena, PAGE_SIZE } from '../../native-bench/index.ts'
import { parseSpec } from '../contract/index.ts'
import { wordPages, zeroPages } from './same-pages.ts'
import { simulateExperiment } from './simulate/index.ts'

const SLOTS = 4

function withWord(arena: Arena, page: number, low: number, high: number): void {
  const words = new Int32Array(arena.bytes.buffer, arena.bytes.byteOffset, arena.bytes.length >> 2)
  for (let at = 0; at < PAGE_SIZE / 4; at++) words[page * (PAGE_SIZE / 4) + at] = at % 2 === 0 ? low : high
}

it('any repeated 64-bit word is kept and comes back, to the last bit; a page with one bit changed is not kept', () => {
  const arena = new Arena(3)
  const pages = wordPages(arena, SLOTS)
  fc.assert(
    fc.property(fc.integer(), fc.integer(), fc.nat(SLOTS - 1), fc.nat(PAGE_SIZE * 8 - 1), (low, high, slot, bit) => {
      withWord(arena, 0, low, high)
      const before = arena.page(0).slice()
      expect(pages.keep(slot, 0)).toBe(true)
      arena.page(1).fill(0xa5)
      pages.restore(slot, 1)
      expect(Buffer.compare(arena.page(1), before)).toBe(0)
      arena.bytes[bit >> 3] ^= 1 << (bit & 7)
      expect(pages.keep(slot, 0)).toBe(false)
    }),
    { numRuns: 50 },
  )
})

it('the zero map knows zeros alone', () => {
  const arena = new Arena(2)
  const pages = zeroPages(arena)
  withWord(arena, 0, 7, 7)
  expect(pages.keep(0, 0)).toBe(false)
  withWord(arena, 0, 0, 0)
  expect(pages.keep(0, 0)).toBe(true)
  arena.page(1).fill(0xa5)
  pages.restore(0, 1)
  expect(Buffer.compare(arena.page(1), arena.page(0))).toBe(0)
})

it('where the pages of zeros stay is a choice: in the pool, in zswap, or in the swap layer, then of every lane', async () => {
  const spec = (zeroMap: 'on' | 'off') =>
    parseSpec({
      mode: 'simulate',
      simulate: { sizes: 'magenheimer' },
      memory: { frames: 1024, pool: 300 },
      mm: { zeroMap },
      workload: { pages: 3000, operations: 10_000 },
      lanes: [
        { lane: 'raw' },
        { lane: 'zcache' },
        ...(['swap-map', 'zswap', 'off'] as const).map((sameFilled) => ({
          lane: 'zswap' as const,
          sameFilled,
          label: sameFilled,
        })),
      ],
      trials: 1,
    })
  const counts = async (zeroMap: 'on' | 'off') => {
    const { trials } = await simulateExperiment(spec(zeroMap))
    const of = (lane: number) => trials.find((trial) => trial.lane === lane)?.counters ?? {}
    return [0, 1, 2, 3, 4].map((lane) => [of(lane).swpout_zero > 0, of(lane).same_filled_pages > 0])
  }
  const [none, map, own] = [
    [false, false],
    [true, false],
    [false, true],
  ]
  expect(await counts('off')).toEqual([none, none, map, own, none])
  expect(await counts('on')).toEqual([map, map, map, own, none])
})
