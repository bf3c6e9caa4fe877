import { describe, expect, it } from 'vitest'
import { TAG_BYTES, TAG_WORDS, ZpageTags } from './page-tags.ts'

const PAGE = 4096

describe.each([64, 8])('tags of zpages, one in %i bytes of a frame', (cellBytes) => {
  const shape = { frames: 600_000, pages: 600_040, cellBytes } // frames end beyond 2^31 bytes
  const tags = new ZpageTags(shape)

  it('has one for each cell of a frame, and none for two', () => {
    for (const frame of [0, 1, 524_288, 599_999]) {
      const places = new Set<number>()
      for (let offset = 0; offset < PAGE; offset += 4) places.add(tags.at(frame * PAGE + offset))
      expect(places.size).toBe(PAGE / cellBytes)
    }
    expect(tags.at(599_999 * PAGE + PAGE - 1)).toBeLessThan(tags.at(600_000 * PAGE))
  })

  it('has those of zpages that begin at the same place of neighbouring frames side by side', () => {
    expect(tags.at(8 * PAGE + 32) - tags.at(7 * PAGE + 32)).toBe(TAG_WORDS)
  })

  it('has one for each zpage behind the frames, however small', () => {
    const first = shape.frames * PAGE
    const places = new Set<number>()
    for (let offset = 4; offset + TAG_BYTES <= 40 * PAGE; offset += TAG_BYTES) places.add(tags.at(first + offset))
    expect(places.size).toBe((40 * PAGE) / TAG_BYTES - 1)
    expect(Math.max(...places)).toBeLessThan(tags.words.length)
  })
})
