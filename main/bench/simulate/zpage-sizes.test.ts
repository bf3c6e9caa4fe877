import { expect, it } from 'vitest'
import type { z } from 'zod'
import { CodecName, ContentSpec } from '../../contract/index.ts'
import { buildCorpus } from '../workloads/index.ts'
import { codecCosts } from './codec-costs.ts'
import { CorpusPages, corpusPages } from './corpus-pages.ts'
import { corpusSizes, magenheimerSizes } from './zpage-sizes.ts'

const PAGES = 50_000

function sizesOf(times: number): number[] {
  const table = magenheimerSizes(times, PAGES, 7)
  return Array.from({ length: PAGES }, (_, vpn) => table.bytesOf(vpn))
}
const meanOf = (sizes: number[]) => sizes.reduce((sum, bytes) => sum + bytes, 0) / sizes.length

it("Dan Magenheimer's distribution has his mean of 694, deviation of 474 and 11 % zero pages", () => {
  const sizes = sizesOf(1)
  const mean = meanOf(sizes)
  const sd = Math.sqrt(sizes.reduce((sum, bytes) => sum + (bytes - mean) ** 2, 0) / PAGES)
  expect(Math.abs(mean / 694 - 1)).toBeLessThan(0.01)
  expect(Math.abs(sd / 474 - 1)).toBeLessThan(0.02)
  expect(Math.abs(sizes.filter((bytes) => bytes === 28).length / PAGES - 0.11)).toBeLessThan(0.005)
})

it('doubled, a page that would pass 4096 bytes does not compress', () => {
  const sizes = sizesOf(2)
  expect(Math.max(...sizes)).toBe(4096)
  expect(Math.abs(meanOf(sizes) / 1340 - 1)).toBeLessThan(0.05) // his own figure for doubled sizes
})

it('sizes of a corpus are those the real codec gives, and are found out once', () => {
  let made = 0
  const corpus = new CorpusPages(() => {
    made++
    return buildCorpus(
      { source: 'synthetic', mix: { zero: 0.25, text: 0.25, heap: 0.25, random: 0.25 }, pages: 64 },
      { seed: 3, selfCorpus: null },
    )
  })
  try {
    const bytes = corpus.bytesBy({ name: 'lz4', level: undefined })
    const table = corpusSizes(bytes, 4096, 3)
    const sizes = Array.from({ length: 4096 }, (_, vpn) => table.bytesOf(vpn))
    expect(sizes.filter((bytes) => bytes === 4096).length / 4096).toBeCloseTo(0.25, 1)
    expect(sizes.filter((bytes) => bytes < 100).length / 4096).toBeCloseTo(0.25, 1)
    corpus.release()
    expect(corpus.bytesBy({ name: 'lz4', level: undefined })).toBe(bytes)
    expect(made).toBe(1)
    expect(corpus.bytesBy({ name: 'zstd', level: undefined })).not.toEqual(bytes)
    expect(corpus.sameFilled().filter((kind) => kind === 1)).toHaveLength(16)
    expect(made).toBe(2)
  } finally {
    corpus.release()
  }
})

it('made-up contents are known again by mix, pages and seed; what a file holds is read anew', () => {
  const pagesOf = (content: z.input<typeof ContentSpec>, seed: number) => {
    const pages = corpusPages(ContentSpec.parse(content), { seed, selfCorpus: null })
    pages.release()
    return pages
  }
  const known = pagesOf({ source: 'synthetic', pages: 64 }, 5)
  expect(pagesOf({ source: 'synthetic', pages: 64 }, 5)).toBe(known)
  expect(pagesOf({ source: 'synthetic', pages: 64 }, 6)).not.toBe(known)
  expect(pagesOf({ source: 'synthetic', pages: 128 }, 5)).not.toBe(known)
  const file = { source: 'file', path: process.execPath, pages: 64 } as const
  expect(pagesOf(file, 5)).not.toBe(pagesOf(file, 5))
})

it.each(CodecName.options)('%s: incompressible and empty pages cost less than heap-like ones', (name) => {
  const reference = codecCosts(name, null)
  expect(reference.compressNs[0]).toBeLessThan(reference.compressNs[32])
  expect(reference.compressNs[64]).toBeLessThan(reference.compressNs[32])
  expect(reference.compressNs.every((ns) => ns > 0)).toBe(true)
})
