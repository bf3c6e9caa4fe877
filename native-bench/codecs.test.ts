import { spawnSync } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { testFolder } from './fixture-folder.ts'
import { Arena, native, PAGE_SIZE } from './index.ts'

type CodecName = ReturnType<typeof native.codecList>[number]['codec']

const LEVELS: Record<CodecName, number[]> = {
  lz4: [1, 8],
  lz4hc: [4, 9],
  lzo: [1],
  zstd: [-50, -5, 1, 3, 19],
  deflate: [1, 6, 9],
}
const cases = native
  .codecList()
  .filter(({ available }) => available)
  .flatMap(({ codec }) => LEVELS[codec].map((level) => ({ codec, level })))

const SOURCE = { zero: 0, text: 1, random: 2, last: 3 }
const source = new Arena(4)
const text = 'the swap cache holds pages that own a slot and a frame; '
source.page(SOURCE.text).set(Buffer.from(text.repeat(80)).subarray(0, PAGE_SIZE))
randomFillSync(source.page(SOURCE.random))
source.page(SOURCE.last)[PAGE_SIZE - 1] = 1
afterAll(() => source.release())

const GUARD = 0xa5
/** An arena full of guard bytes: whatever differs afterwards was written. */
function guarded(pages: number): Arena {
  const arena = new Arena(pages)
  arena.bytes.fill(GUARD)
  return arena
}
function isGuard(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === GUARD)
}

describe.each(cases)('$codec at level $level', ({ codec: name, level }) => {
  const codec = native.codecOpen(name, level)
  afterAll(() => native.codecClose(codec))

  it.each(Object.entries(SOURCE))('gives back a page of %s bytes', (_, page) => {
    const packed = guarded(3)
    const length = native.compress(codec, source.id, page, packed.id, 100, 2 * PAGE_SIZE)
    expect(length).toBeGreaterThan(0)
    const out = guarded(3)
    expect(native.decompress(codec, packed.id, 100, length, out.id, 1)).toBe(PAGE_SIZE)
    expect(Buffer.compare(out.page(1), source.page(page))).toBe(0)
    expect(isGuard(out.page(0)) && isGuard(out.page(2))).toBe(true)
  })

  it.each(Object.entries(SOURCE))('never writes beyond its capacity (page of %s bytes)', (_, page) => {
    const wide = new Arena(3)
    const full = native.compress(codec, source.id, page, wide.id, 0, 2 * PAGE_SIZE)
    // Some encoders want a few bytes of slack to finish, so the smallest capacity that works is searched, not assumed.
    for (const capacity of [0, 1, 2, 7, full - 1, full, full + 1, full + 16]) {
      const packed = guarded(3)
      const length = native.compress(codec, source.id, page, packed.id, 64, capacity)
      expect(length).toBeLessThanOrEqual(capacity)
      expect(isGuard(packed.bytes.subarray(0, 64)) && isGuard(packed.bytes.subarray(64 + capacity))).toBe(true)
      if (capacity >= full + 16) expect(length).toBeGreaterThan(0)
      if (length > 0) {
        const out = new Arena(1)
        native.decompress(codec, packed.id, 64, length, out.id, 0)
        expect(Buffer.compare(out.bytes, source.page(page))).toBe(0)
      }
    }
  })

  it('refuses damaged bytes, and never writes beyond the page', () => {
    const packed = new Arena(2)
    const length = native.compress(codec, source.id, SOURCE.text, packed.id, 0, PAGE_SIZE)
    const sound = packed.bytes.slice(0, length)
    const out = guarded(3)
    const damage = fc.record({
      at: fc.nat(length - 1),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 12 }),
      cut: fc.integer({ min: 0, max: length }),
    })
    fc.assert(
      fc.property(damage, ({ at, bytes, cut }) => {
        packed.bytes.set(sound)
        packed.bytes.set(bytes, at)
        try {
          native.decompress(codec, packed.id, 0, cut, out.id, 1)
        } catch (error) {
          expect(error).toMatchObject({ code: 'CORRUPT' })
        }
        expect(isGuard(out.page(0)) && isGuard(out.page(2))).toBe(true)
      }),
      { numRuns: 300 },
    )
  })

  it('refuses bytes that are cut short, or followed by more', () => {
    const packed = new Arena(2)
    const length = native.compress(codec, source.id, SOURCE.text, packed.id, 0, PAGE_SIZE)
    const out = new Arena(1)
    const corrupt = expect.objectContaining({ code: 'CORRUPT' })
    expect(() => native.decompress(codec, packed.id, 0, length - 1, out.id, 0)).toThrow(corrupt)
    expect(() => native.decompress(codec, packed.id, 0, length + 1, out.id, 0)).toThrow(corrupt)
    expect(() => native.decompress(codec, packed.id, 0, 0, out.id, 0)).toThrow(corrupt)
  })
})

describe('codecs', () => {
  it('come with the version and the file of the library that does the work', () => {
    for (const { codec, available, version, library, reason } of native.codecList()) {
      if (!available) {
        expect(reason).not.toBe('')
        continue
      }
      expect(library).toMatch(/^\/.*\.so/)
      // libdeflate tells its version to the preprocessor only.
      if (codec !== 'deflate' || !library?.includes('libdeflate')) expect(version).toMatch(/^\d+\.\d+/)
    }
  })

  it('name the reason and the package where a library is missing', () => {
    const folder = testFolder()
    try {
      // An empty file in front of the real one stands for a library that cannot be opened.
      writeFileSync(join(folder.path, 'liblzo2.so.2'), '')
      const door = join(dirname(fileURLToPath(import.meta.url)), 'index.ts')
      const script = `
        const { native } = await import(${JSON.stringify(door)})
        let refused
        try { native.codecOpen('lzo', 1) } catch (error) { refused = { code: error.code, message: error.message } }
        console.log(JSON.stringify({ lzo: native.codecList().find(({ codec }) => codec === 'lzo'), refused }))`
      const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
        env: { ...process.env, LD_LIBRARY_PATH: folder.path },
        encoding: 'utf8',
      })
      const { lzo, refused } = JSON.parse(child.stdout)
      expect(lzo).toMatchObject({ available: false, version: null, library: null, package: 'liblzo2-2' })
      expect(lzo.reason).toContain('liblzo2.so.2')
      expect(refused.code).toBe('CODEC_UNAVAILABLE')
      expect(refused.message).toContain('liblzo2-2')
    } finally {
      folder.remove()
    }
  })

  it('refuse a level outside their scale, a page that overlaps its own result, and a closed handle', () => {
    expect(() => native.codecOpen('lz4', 0)).toThrow(RangeError)
    expect(() => native.codecOpen('zstd', 23)).toThrow(RangeError)
    expect(() => native.codecOpen('gzip', 1)).toThrow(expect.objectContaining({ code: 'CODEC_UNAVAILABLE' }))
    const codec = native.codecOpen('lz4', 1)
    const arena = new Arena(2)
    expect(() => native.compress(codec, arena.id, 0, arena.id, PAGE_SIZE - 1, 100)).toThrow('overlap')
    expect(native.compress(codec, arena.id, 0, arena.id, PAGE_SIZE, 100)).toBeGreaterThan(0)
    native.codecClose(codec)
    expect(() => native.compress(codec, arena.id, 0, arena.id, PAGE_SIZE, 100)).toThrow('not an open codec')
    expect(() => native.codecClose(codec)).toThrow(RangeError)
  })
})
