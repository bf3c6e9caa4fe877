import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PAGE_SIZE } from '../contract/index.ts'
import { decodeHeader, encodeHeader, type SwapfileHeader } from './header.ts'

const HEADER: SwapfileHeader = { runId: 'r1', slots: 64, owner: { pid: 7, startTicks: 123, bootId: 'b' } }

function page(header = HEADER): Uint8Array {
  const bytes = new Uint8Array(PAGE_SIZE).fill(0xaa)
  encodeHeader(bytes, header)
  return bytes
}

describe('the header of a swap file', () => {
  it('comes back as it was written', () => {
    expect(decodeHeader(page())).toEqual(HEADER)
  })

  it('is not recognised with any bit flipped', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: PAGE_SIZE * 8 - 1 }), (bit) => {
        const bytes = page()
        bytes[bit >>> 3] ^= 1 << (bit & 7)
        expect(decodeHeader(bytes)).toBeNull()
      }),
    )
  })

  it('is not seen in zeros, in noise, or in a short page', () => {
    expect(decodeHeader(new Uint8Array(PAGE_SIZE))).toBeNull()
    expect(decodeHeader(page().subarray(0, 4000))).toBeNull()
    fc.assert(
      fc.property(fc.uint8Array({ minLength: PAGE_SIZE, maxLength: PAGE_SIZE }), (bytes) => {
        expect(decodeHeader(bytes)).toBeNull()
      }),
      { numRuns: 20 },
    )
  })

  it.each([
    ['a version we do not know', 16, 2],
    ['a length that leads out of its place', 20, PAGE_SIZE],
  ])('is not recognised, though whole, with %s', (_, at, value) => {
    const bytes = page()
    new DataView(bytes.buffer).setUint32(at, value, true)
    bytes.set(
      createHash('sha256')
        .update(bytes.subarray(0, PAGE_SIZE - 32))
        .digest(),
      PAGE_SIZE - 32,
    )
    expect(decodeHeader(bytes)).toBeNull()
  })

  it('refuses what would not fit its page', () => {
    expect(() => page({ ...HEADER, runId: 'x'.repeat(5000) })).toThrow(RangeError)
  })
})
