import { describe, expect, it } from 'vitest'
import { Arena, native } from '../../../native-bench/index.ts'
import { PAGE_SIZE } from '../../contract/index.ts'
import { fillSynthetic, mixKinds, PAGE_KINDS, type PageKind } from './synthetic.ts'

const MIX = { zero: 0.11, text: 0.35, heap: 0.44, random: 0.1 }
const PAGES = 400

/** Uncompressed over compressed bytes, by lz4 at its default. */
function lz4Ratio(kind: PageKind): number {
  const arena = new Arena(PAGES)
  const scratch = new Arena(2)
  const codec = native.codecOpen('lz4', 1)
  fillSynthetic(arena.bytes, new Array<PageKind>(PAGES).fill(kind), 42)
  let compressed = 0
  for (let page = 0; page < PAGES; page++)
    compressed += native.compress(codec, arena.id, page, scratch.id, 0, 2 * PAGE_SIZE)
  native.codecClose(codec)
  arena.release()
  scratch.release()
  return (PAGES * PAGE_SIZE) / compressed
}

describe('synthetic pages', () => {
  it('compress as their labels say, with lz4: text 2.9:1, heap 1.65:1, random not at all', () => {
    expect(lz4Ratio('text')).toBeGreaterThan(2.8)
    expect(lz4Ratio('text')).toBeLessThan(3.1)
    expect(lz4Ratio('heap')).toBeGreaterThan(1.55)
    expect(lz4Ratio('heap')).toBeLessThan(1.8)
    expect(lz4Ratio('random')).toBeLessThan(1)
    expect(lz4Ratio('zero')).toBeGreaterThan(100)
  })

  it('are the same bytes for the same seed, and others for another', () => {
    const make = (seed: number) => {
      const bytes = new Uint8Array(64 * PAGE_SIZE)
      fillSynthetic(bytes, mixKinds(MIX, 64, seed), seed)
      return bytes
    }
    expect(Buffer.compare(make(1), make(1))).toBe(0)
    expect(Buffer.compare(make(1), make(2))).not.toBe(0)
  })

  it('never repeat a page, zero pages aside', () => {
    const bytes = new Uint8Array(PAGES * PAGE_SIZE)
    const kinds = mixKinds({ zero: 0, text: 0.5, heap: 0.3, random: 0.2 }, PAGES, 7)
    fillSynthetic(bytes, kinds, 7)
    const pages = kinds.map((_, i) =>
      Buffer.from(bytes.subarray(i * PAGE_SIZE, (i + 1) * PAGE_SIZE)).toString('latin1'),
    )
    expect(new Set(pages).size).toBe(PAGES)
  })
})

describe('mixKinds', () => {
  const countsOf = (kinds: PageKind[]) =>
    Object.fromEntries(PAGE_KINDS.map((kind) => [kind, kinds.filter((k) => k === kind).length]))

  it('gives each kind its share, and the rest to the largest remainder', () => {
    expect(countsOf(mixKinds(MIX, 1000, 1))).toEqual({ zero: 110, text: 350, heap: 440, random: 100 })
    expect(countsOf(mixKinds({ zero: 0.26, text: 0.24, heap: 0.25, random: 0.25 }, 10, 1))).toEqual({
      zero: 3,
      text: 2,
      heap: 3,
      random: 2,
    })
  })

  it('shuffles the kinds by the seed', () => {
    expect(mixKinds(MIX, 1000, 1)).toEqual(mixKinds(MIX, 1000, 1))
    expect(mixKinds(MIX, 1000, 1)).not.toEqual(mixKinds(MIX, 1000, 2))
  })
})
