import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Arena, createArena, LARGE_PAGE_SIZE, native, PAGE_SIZE } from './index.ts'

/** Whether there are large pages for whoever asks, and a kernel that moves what is there into them (MADV_COLLAPSE). */
function givesLargePagesOnRequest(): boolean {
  try {
    const [major, minor] = readFileSync('/proc/sys/kernel/osrelease', 'latin1').split('.').map(Number)
    const mode = readFileSync('/sys/kernel/mm/transparent_hugepage/enabled', 'latin1')
    return mode.includes('[madvise]') && (major > 6 || (major === 6 && minor >= 1))
  } catch {
    return false // not Linux, or built without
  }
}

/** Of this process. */
function inLargePagesKib(): number {
  return Number(/AnonHugePages:\s*(\d+) kB/.exec(readFileSync('/proc/self/smaps_rollup', 'latin1'))?.[1])
}

describe('the clock', () => {
  it('never goes back and knows its own cost', () => {
    let last = native.now()
    for (let reading = 0; reading < 10_000; reading++) {
      const now = native.now()
      expect(now).toBeGreaterThanOrEqual(last)
      last = now
    }
    expect(native.clockReadNs(1001)).toBeGreaterThanOrEqual(0)
    expect(native.clockReadNs(1001)).toBeLessThan(1e6)
  })
})

describe('an arena', () => {
  it('is aligned to pages inside the buffer it is given, and has no page more where that happens to be aligned', () => {
    for (let pages = 1; pages < 20; pages++) {
      const buffer = createArena(pages)
      const { id, byteOffset } = native.arenaRegister(buffer, pages)
      expect(byteOffset + pages * PAGE_SIZE).toBeLessThanOrEqual(buffer.byteLength)
      expect(native.pageSameFilled(id, pages - 1)).toBe(1)
      expect(() => native.pageSameFilled(id, pages)).toThrow(RangeError)
      native.arenaRelease(id)
    }
  })

  it('has room to begin with a large page where it fills one', () => {
    const pages = LARGE_PAGE_SIZE / PAGE_SIZE
    for (const [asked, slack] of [
      [pages - 1, PAGE_SIZE],
      [pages, LARGE_PAGE_SIZE],
    ]) {
      const buffer = createArena(asked)
      expect(buffer.byteLength).toBe(asked * PAGE_SIZE + slack - 1)
      const { id, byteOffset } = native.arenaRegister(buffer, asked)
      expect(byteOffset).toBeLessThan(slack)
      expect(native.pageSameFilled(id, asked - 1)).toBe(1)
      native.arenaRelease(id)
    }
  })

  it('lies in large pages even where its memory was in small ones before (skipped where large pages are not given on request)', (context) => {
    if (!givesLargePagesOnRequest())
      context.skip('transparent_hugepage is not madvise, or the kernel is older than 6.1')
    const large = 16
    const pages = (large * LARGE_PAGE_SIZE) / PAGE_SIZE
    const buffer = createArena(pages)
    new Uint8Array(buffer).fill(1)
    const before = inLargePagesKib()
    const { id } = native.arenaRegister(buffer, pages)
    expect(inLargePagesKib() - before).toBeGreaterThanOrEqual((large * LARGE_PAGE_SIZE) / 1024)
    native.arenaRelease(id)
    expect(new Uint8Array(buffer).every((byte) => byte === 1)).toBe(true)
  })

  it('is gone once released, and its id is not taken for the next one', () => {
    const arena = new Arena(1)
    arena.release()
    arena.release()
    const next = new Arena(1)
    expect(next.id).not.toBe(arena.id)
    expect(() => native.pageSameFilled(arena.id, 0)).toThrow('not an open arena')
  })

  it('is refused where its memory could vanish, and noticed where it has', () => {
    const shrinkable = new ArrayBuffer(2 * PAGE_SIZE, { maxByteLength: 8 * PAGE_SIZE })
    expect(() => native.arenaRegister(shrinkable, 1)).toThrow(TypeError)
    expect(() => native.arenaRegister(new ArrayBuffer(100), 1)).toThrow(RangeError)
    const arena = new Arena(1)
    structuredClone(arena.bytes.buffer, { transfer: [arena.bytes.buffer] })
    expect(() => native.pageSameFilled(arena.id, 0)).toThrow('transferred away')
  })

  it('copies like a byte array does, also onto itself', () => {
    const arena = new Arena(2)
    const size = arena.bytes.length
    const range = fc.tuple(fc.nat(size), fc.nat(size), fc.nat(size))
    fc.assert(
      fc.property(range, fc.integer(), ([to, from, length], salt) => {
        for (let at = 0; at < size; at++) arena.bytes[at] = (at * 31 + salt) >> 3
        const model = arena.bytes.slice()
        if (Math.max(to, from) + length > size) {
          expect(() => native.copy(arena.id, to, arena.id, from, length)).toThrow(RangeError)
        } else {
          native.copy(arena.id, to, arena.id, from, length)
          model.copyWithin(to, from, from + length)
        }
        expect(Buffer.compare(arena.bytes, model)).toBe(0)
      }),
      { numRuns: 50 },
    )
  })
})

describe('the content of a page', () => {
  const corpus = new Arena(2)
  corpus.bytes.forEach((_, at) => {
    corpus.bytes[at] = at * 7
  })
  const pages = new Arena(3)

  it('is the corpus page with the vpn and version at 16 * (vpn mod 256)', () => {
    pages.bytes.fill(0xa5)
    native.pageFill(pages.id, 1, corpus.id, 1, 2 ** 40 + 258, 2 ** 45 + 3)
    const expected = corpus.page(1).slice()
    const stamp = new DataView(expected.buffer, 16 * 2)
    stamp.setBigUint64(0, 2n ** 40n + 258n, true)
    stamp.setBigUint64(8, 2n ** 45n + 3n, true)
    expect(Buffer.compare(pages.page(1), expected)).toBe(0)
    expect(pages.page(0).every((byte) => byte === 0xa5) && pages.page(2).every((byte) => byte === 0xa5)).toBe(true)
  })

  it('is verified to the last bit', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.maxSafeNat(), fc.nat(PAGE_SIZE * 8 - 1), (vpn, version, bit) => {
        native.pageFill(pages.id, 0, corpus.id, 0, vpn, version - (version > 0 ? 1 : 0))
        native.pageStamp(pages.id, 0, vpn, version)
        expect(native.pageVerify(pages.id, 0, corpus.id, 0, vpn, version)).toBe(true)
        pages.bytes[bit >> 3] ^= 1 << (bit & 7)
        expect(native.pageVerify(pages.id, 0, corpus.id, 0, vpn, version)).toBe(false)
      }),
    )
  })

  it('is one repeated word, whatever page and version, where the corpus page is one', () => {
    const plain = new Arena(1)
    fc.assert(
      fc.property(fc.nat(255), fc.nat(1000), fc.nat(1000), fc.nat(PAGE_SIZE * 8 - 1), (byte, vpn, version, bit) => {
        plain.bytes.fill(byte)
        native.pageFill(pages.id, 0, plain.id, 0, vpn, version)
        expect(native.pageSameFilled(pages.id, 0)).toBe(byte === 0 ? 1 : 2)
        expect(native.pageVerify(pages.id, 0, plain.id, 0, vpn, version + 1)).toBe(true)
        pages.bytes[bit >> 3] ^= 1 << (bit & 7)
        expect(native.pageVerify(pages.id, 0, plain.id, 0, vpn, version)).toBe(false)
      }),
      { numRuns: 50 },
    )
  })

  it('is same-filled where one 64-bit word repeats', () => {
    const words = new BigUint64Array(pages.bytes.buffer, pages.bytes.byteOffset, PAGE_SIZE / 8)
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.nat(511), fc.nat(63), (word, at, bit) => {
        words.fill(word)
        expect(native.pageSameFilled(pages.id, 0)).toBe(word === 0n ? 1 : 2)
        words[at] ^= 1n << BigInt(bit)
        expect(native.pageSameFilled(pages.id, 0)).toBe(0)
      }),
    )
  })
})
