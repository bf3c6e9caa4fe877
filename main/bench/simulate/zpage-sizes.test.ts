import { expect, it } from 'vitest'
import { CodecName } from '../../contract/index.ts'
import { buildCorpus } from '../workloads/index.ts'
import { codecCosts } from './codec-costs.ts'
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

it('sizes of a corpus are those the real codec gives', () => {
  const corpus = buildCorpus(
    { source: 'synthetic', mix: { zero: 0.25, text: 0.25, heap: 0.25, random: 0.25 }, pages: 64 },
    { seed: 3, selfCorpus: null },
  )
  try {
    const table = corpusSizes({ name: 'lz4', level: undefined }, corpus, 4096, 3)
    const sizes = Array.from({ length: 4096 }, (_, vpn) => table.bytesOf(vpn))
    expect(sizes.filter((bytes) => bytes === 4096).length / 4096).toBeCloseTo(0.25, 1)
    expect(sizes.filter((bytes) => bytes < 100).length / 4096).toBeCloseTo(0.25, 1)
  } finally {
    corpus.release()
  }
})

it.each(CodecName.options)('%s: incompressible and empty pages cost less than heap-like ones', (name) => {
  const reference = codecCosts(name, null)
  expect(reference.compressNs[0]).toBeLessThan(reference.compressNs[32])
  expect(reference.compressNs[64]).toBeLessThan(reference.compressNs[32])
  expect(reference.compressNs.every((ns) => ns > 0)).toBe(true)
})
