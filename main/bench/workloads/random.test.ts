import { describe, expect, it } from 'vitest'
import { Permutation } from './permutation.ts'
import { mix32, Random } from './random.ts'

describe('Random', () => {
  it('is the same sequence for the same seed and stream, on any machine', () => {
    const random = new Random(42)
    expect(Array.from({ length: 4 }, () => random.next32())).toEqual(GOLDEN)
    expect(new Random(42, 1).next32()).not.toBe(GOLDEN[0])
    expect(new Random(43).next32()).not.toBe(GOLDEN[0])
  })

  it('follows the published algorithm: xoshiro128** 1.1 from a given state', () => {
    // State 1, 2, 3, 4: first outputs of the reference implementation, worked out by its three lines of C.
    const random = new Random(0)
    const state: Uint32Array = Reflect.get(random, 's')
    state.set([1, 2, 3, 4])
    expect(random.next32()).toBe(Math.imul(rotl(2 * 5, 7), 9) >>> 0)
    expect([...state]).toEqual([1 ^ (4 ^ 2), 2 ^ (3 ^ 1), (3 ^ 1 ^ (2 << 9)) >>> 0, rotl(4 ^ 2, 11)])
  })

  it('spreads below(n) evenly and stays inside', () => {
    const random = new Random(7)
    const counts = new Array<number>(10).fill(0)
    for (let i = 0; i < 100_000; i++) counts[random.below(10)]++
    const chi2 = counts.reduce((sum, n) => sum + (n - 10_000) ** 2 / 10_000, 0)
    expect(chi2).toBeLessThan(27.9) // 9 degrees of freedom, p = 0.001
    for (let i = 0; i < 10_000; i++) expect(random.float()).toBeLessThan(1)
  })

  it('shuffles to a permutation', () => {
    const items = new Random(3).shuffle(Array.from({ length: 100 }, (_, i) => i))
    expect(items).not.toEqual([...items].sort((a, b) => a - b))
    expect(new Set(items).size).toBe(100)
  })
})

describe('mix32', () => {
  it('is a bijection with the known values of fmix32', () => {
    expect(mix32(0)).toBe(0)
    expect(mix32(1)).toBe(0x514e28b7)
  })
})

describe('Permutation', () => {
  it.each([1, 2, 3, 5, 255, 256, 257, 1000, 65_537])('maps 0 .. %i-1 one to one', (n) => {
    const permutation = new Permutation(n, 42)
    const seen = new Set(Array.from({ length: n }, (_, i) => permutation.at(i)))
    expect(seen.size).toBe(n)
    expect(Math.min(...seen)).toBe(0)
    expect(Math.max(...seen)).toBe(n - 1)
  })

  it('leaves neighbours no neighbours, and differs by seed', () => {
    const permutation = new Permutation(10_000, 1)
    let adjacent = 0
    for (let i = 0; i < 9_999; i++) if (Math.abs(permutation.at(i) - permutation.at(i + 1)) === 1) adjacent++
    expect(adjacent).toBeLessThan(20) // 2 expected
    const other = new Permutation(10_000, 2)
    let same = 0
    for (let i = 0; i < 10_000; i++) if (permutation.at(i) === other.at(i)) same++
    expect(same).toBeLessThan(10) // 1 expected
  })
})

const rotl = (x: number, bits: number) => ((x << bits) | (x >>> (32 - bits))) >>> 0
const GOLDEN = [92_200_766, 2_412_254_880, 4_235_012_410, 3_021_587_895]
