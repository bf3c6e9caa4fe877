import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Arena, MEMORY_KINDS, native, VMSTAT_COUNTERS } from './index.ts'

const READ = 0
const WRITE = 1
const FREE = 2
const PAGES = 64

let corpus: Arena
let memory: number

beforeEach(() => {
  corpus = new Arena(2)
  corpus.page(0).fill(3)
  corpus.page(1).fill(5)
  memory = native.memoryOpen(PAGES)
  native.memoryContents(
    memory,
    corpus.id,
    Uint32Array.from({ length: PAGES }, (_, vpn) => vpn % 2),
  )
})
afterEach(() => {
  native.memoryClose(memory)
  corpus.release()
})

function replay(...accesses: [vpn: number, op: number][]) {
  return paced(new Float64Array(), ...accesses)
}

function paced(starts: Float64Array, ...accesses: [vpn: number, op: number][]) {
  const latencies = new Float64Array(accesses.length)
  const kinds = new Uint8Array(accesses.length)
  const sequence = Uint32Array.from(accesses, ([vpn, op]) => (vpn << 2) | op)
  const result = native.memoryReplay(memory, sequence, latencies, kinds, false, starts)
  return { ...result, latencies, kinds: [...kinds].map((kind) => MEMORY_KINDS[kind]) }
}

describe('a sequence of accesses to real memory', () => {
  it('times each one, and tells a first touch from a hit', () => {
    const { done, elapsedNs, latencies, kinds, mismatch } = replay([4, WRITE], [5, READ], [4, READ], [4, WRITE])
    expect({ done, mismatch, kinds }).toEqual({
      done: 4,
      mismatch: -1,
      kinds: ['first-touch', 'first-touch', 'hit', 'hit'],
    })
    expect(elapsedNs).toBeGreaterThan(0)
    expect([...latencies].every((ns) => ns > 0)).toBe(true)
  })

  it('begins each at its time where it is given one, and says when it did', () => {
    const starts = Float64Array.of(1e6, 2e6, 2e6, 5e6)
    const { elapsedNs, latencies } = paced(starts, [4, WRITE], [4, READ], [4, READ], [4, FREE])
    const due = [1e6, 2e6, 2e6, 5e6]
    for (const [index, at] of starts.entries()) expect(at).toBeGreaterThanOrEqual(due[index])
    // The third was due together with the second, and begins when that has ended.
    expect(starts[2]).toBeGreaterThanOrEqual(starts[1] + latencies[1])
    expect(elapsedNs).toBeGreaterThanOrEqual(5e6)
    expect(() => paced(Float64Array.of(61e9), [4, READ])).toThrow(RangeError)
    expect(() => paced(Float64Array.of(1), [4, READ], [4, READ])).toThrow('one entry for every access')
  })

  it('keeps contents through every write, and knows when they are wrong', () => {
    replay([1, WRITE], [1, WRITE], [2, READ], [1, WRITE])
    expect([1, 2, 3].map((page) => native.memoryVerify(memory, page))).toEqual([true, true, true])
    corpus.page(1).fill(6)
    expect(native.memoryVerify(memory, 1)).toBe(false)
  })

  it('starts anew with a page that was given back', () => {
    expect(replay([7, WRITE], [7, FREE], [7, WRITE], [7, READ]).kinds).toEqual([
      'first-touch',
      'freed',
      'first-touch',
      'hit',
    ])
    expect(native.memoryVerify(memory, 7)).toBe(true)
  })

  it('refuses an access outside of the memory before it carries out any', () => {
    expect(() => replay([0, WRITE], [PAGES, READ])).toThrow(/accesses\[1\]/)
    expect(replay([0, WRITE]).kinds).toEqual(['first-touch'])
  })
})

it('reads the counters of the kernel', () => {
  const counters = new Float64Array(VMSTAT_COUNTERS.length)
  native.memoryVmstat(memory, counters)
  expect(counters[VMSTAT_COUNTERS.indexOf('pgmajfault')]).toBeGreaterThan(0)
})
