import { PAGE_SIZE, type SyntheticMix } from '../../contract/index.ts'
import { Random } from './random.ts'
import { CONTENT_BYTES_RANDOM, CONTENT_RANDOM } from './stream.ts'

/**
 * Pages made up from a seed, for hosts where nothing may be captured and for runs that must repeat anywhere. Always labelled
 * synthetic: real pages have structure that these have not.
 *
 * zero: all zero. text: lines of a log over a small vocabulary, with numbers that change. heap: structs of 64-bit words
 * (pointers into a few regions, small integers, flags, padding) between raw buffers. random: does not compress. The ratios
 * they were tuned for, by lz4 at its default, are stated in synthetic.test.ts.
 */
export const PAGE_KINDS = ['zero', 'text', 'heap', 'random'] as const
export type PageKind = (typeof PAGE_KINDS)[number]

/** The kind of each of `pages` pages: exactly the shares of the mix (largest remainders first), in a seeded order. */
export function mixKinds(mix: SyntheticMix, pages: number, seed: number): PageKind[] {
  const exact = PAGE_KINDS.map((kind) => ({ kind, share: mix[kind] * pages, count: Math.floor(mix[kind] * pages) }))
  let rest = pages - exact.reduce((sum, row) => sum + row.count, 0)
  for (const row of [...exact].sort((a, b) => b.share - b.count - (a.share - a.count))) {
    if (rest-- <= 0) break
    row.count++
  }
  const kinds = exact.flatMap((row) => new Array<PageKind>(row.count).fill(row.kind))
  return new Random(seed, CONTENT_RANDOM).shuffle(kinds)
}

/** Fills `bytes` (whole pages) with one page after another, page n of the kind kinds[n]. */
export function fillSynthetic(bytes: Uint8Array, kinds: readonly PageKind[], seed: number): void {
  const random = new Random(seed, CONTENT_BYTES_RANDOM)
  for (const [index, kind] of kinds.entries()) {
    const page = bytes.subarray(index * PAGE_SIZE, (index + 1) * PAGE_SIZE)
    switch (kind) {
      case 'zero':
        page.fill(0)
        break
      case 'text':
        fillText(page, random)
        break
      case 'heap':
        fillHeap(page, random)
        break
      case 'random':
        fillRandom(page, random)
        break
    }
  }
}

const SUBJECTS = ['request', 'session', 'worker', 'cache', 'index', 'journal', 'socket', 'replica']
const EVENTS = ['opened', 'closed', 'timed out', 'retried', 'accepted', 'flushed', 'evicted', 'compacted']
const LEVELS = ['INFO', 'INFO', 'INFO', 'WARN', 'DEBUG']

function fillText(page: Uint8Array, random: Random): void {
  const pick = (words: readonly string[]) => words[random.below(words.length)]
  let time = 1_600_000_000_000 + random.below(2 ** 31)
  let text = ''
  while (text.length < PAGE_SIZE) {
    time += random.below(1000)
    const id = random.below(65_536).toString(16).padStart(4, '0')
    text += `${time} ${pick(LEVELS)} storage.service ${pick(SUBJECTS)} ${id} ${pick(EVENTS)} after ${random.below(100)} ms\n`
  }
  for (let i = 0; i < PAGE_SIZE; i++) page[i] = text.charCodeAt(i)
}

function fillHeap(page: Uint8Array, random: Random): void {
  const view = new DataView(page.buffer, page.byteOffset, PAGE_SIZE)
  const region = 0x5500 + random.below(0x100) // the upper half of an address, the same for a heap
  const type = random.next32()
  for (let at = 0; at < PAGE_SIZE; at += 64) {
    if (random.float() < RAW_BUFFERS) {
      for (let i = 0; i < 64; i += 4) view.setUint32(at + i, random.next32(), true)
      continue
    }
    // One object of 64 bytes: type, flags and length, two pointers, a counter, two small numbers, padding.
    view.setUint32(at, type, true)
    view.setUint32(at + 4, region, true)
    view.setUint32(at + 8, random.below(4), true)
    view.setUint32(at + 12, random.below(200), true)
    for (const pointer of [16, 24]) {
      view.setUint32(at + pointer, random.next32() & ~7, true)
      view.setUint32(at + pointer + 4, region, true)
    }
    view.setUint32(at + 32, random.below(16), true)
    view.setUint32(at + 36, 0, true)
    view.setFloat64(at + 40, random.below(1000) / 8, true)
    view.setUint32(at + 48, random.below(65_536), true)
    view.setUint32(at + 52, 0, true)
    view.setUint32(at + 56, 0, true)
    view.setUint32(at + 60, 0, true)
  }
}

/** Share of 64-byte blocks of a heap page that hold raw bytes: strings, hashes, compressed data. */
const RAW_BUFFERS = 0.08

function fillRandom(page: Uint8Array, random: Random): void {
  const view = new DataView(page.buffer, page.byteOffset, PAGE_SIZE)
  for (let i = 0; i < PAGE_SIZE; i += 4) view.setUint32(i, random.next32(), true)
}
