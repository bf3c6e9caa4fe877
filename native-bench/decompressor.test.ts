import { afterAll, describe, expect, it } from 'vitest'
import { Arena, native, PAGE_SIZE } from './index.ts'

const PAGES = 400
/** Compressed bytes of page n lie at n * PAGE_SIZE of the second PAGES pages; the third PAGES take what comes back. */
const arena = new Arena(3 * PAGES)
const lengths = new Int32Array(PAGES)
const codec = native.codecOpen('lz4', 1)
for (let page = 0; page < PAGES; page++) {
  const words = new Uint32Array(arena.bytes.buffer, arena.bytes.byteOffset + page * PAGE_SIZE, PAGE_SIZE / 4)
  for (let i = 0; i < words.length; i++) words[i] = i % 3 === 0 ? page * 7919 + i : page
  lengths[page] = native.compress(codec, arena.id, page, arena.id, (PAGES + page) * PAGE_SIZE, PAGE_SIZE)
}
afterAll(() => {
  native.codecClose(codec)
  arena.release()
})

const isBack = (page: number, at: number) => Buffer.compare(arena.page(page), arena.page(at)) === 0

describe('a decompressor', () => {
  it('gives every page back, more than it holds pending, and again after it has slept', async () => {
    const decompressor = native.decompressorOpen('lz4', 1, arena.id)
    for (let round = 0; round < 3; round++) {
      arena.bytes.fill(0, 2 * PAGES * PAGE_SIZE)
      for (let page = 0; page < PAGES; page++)
        native.decompressorPost(decompressor, (PAGES + page) * PAGE_SIZE, lengths[page], 2 * PAGES + page)
      native.decompressorWait(decompressor, 0)
      for (let page = 0; page < PAGES; page++) expect(isBack(page, 2 * PAGES + page)).toBe(true)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    expect(native.decompressorBusyNs(decompressor)).toBeGreaterThan(0)
    native.decompressorClose(decompressor)
  })

  it('has done the oldest when it waits for all but the youngest', () => {
    const decompressor = native.decompressorOpen('lz4', 1, arena.id)
    arena.bytes.fill(0, 2 * PAGES * PAGE_SIZE)
    for (let page = 0; page < PAGES; page++) {
      native.decompressorPost(decompressor, (PAGES + page) * PAGE_SIZE, lengths[page], 2 * PAGES + page)
      native.decompressorWait(decompressor, 8)
      if (page >= 8) expect(isBack(page - 8, 2 * PAGES + page - 8)).toBe(true)
    }
    native.decompressorClose(decompressor)
    expect(isBack(PAGES - 1, 3 * PAGES - 1)).toBe(true)
  })

  it('works in the order in which it is asked: a page may take the place of a source before it', () => {
    const decompressor = native.decompressorOpen('lz4', 1, arena.id)
    const copy = new Arena(2)
    copy.bytes.set(arena.bytes.subarray(PAGES * PAGE_SIZE, (PAGES + 1) * PAGE_SIZE))
    native.decompressorPost(decompressor, PAGES * PAGE_SIZE, lengths[0], 2 * PAGES)
    native.decompressorPost(decompressor, (PAGES + 1) * PAGE_SIZE, lengths[1], PAGES)
    native.decompressorWait(decompressor, 0)
    expect(isBack(0, 2 * PAGES)).toBe(true)
    expect(isBack(1, PAGES)).toBe(true)
    arena.bytes.set(copy.bytes.subarray(0, PAGE_SIZE), PAGES * PAGE_SIZE)
    native.decompressorClose(decompressor)
    copy.release()
  })

  it('says that bytes were corrupt at the next wait, and goes on', () => {
    const decompressor = native.decompressorOpen('lz4', 1, arena.id)
    native.decompressorPost(decompressor, PAGES * PAGE_SIZE, lengths[0] - 1, 2 * PAGES)
    native.decompressorPost(decompressor, (PAGES + 1) * PAGE_SIZE, lengths[1], 2 * PAGES + 1)
    expect(() => native.decompressorWait(decompressor, 0)).toThrow(expect.objectContaining({ code: 'CORRUPT' }))
    expect(isBack(1, 2 * PAGES + 1)).toBe(true)
    native.decompressorWait(decompressor, 0)
    native.decompressorClose(decompressor)
    expect(() => native.decompressorWait(decompressor, 0)).toThrow('not an open decompressor')
  })

  it('refuses what does not lie in its arena, and a page that overlaps its own source', () => {
    const decompressor = native.decompressorOpen('lz4', 1, arena.id)
    expect(() => native.decompressorPost(decompressor, 0, 100, 3 * PAGES)).toThrow(RangeError)
    expect(() => native.decompressorPost(decompressor, 3 * PAGES * PAGE_SIZE - 10, 11, 0)).toThrow(RangeError)
    expect(() => native.decompressorPost(decompressor, 100, 100, 0)).toThrow('overlap')
    native.decompressorClose(decompressor)
  })
})
