import { expect, it } from 'vitest'
import type { PageCodec } from '../../zcache/index.ts'
import { CodecTime } from './codec-time.ts'

it('finds the time of all calls from every sixteenth, and passes every call on', () => {
  let now = 0
  const seen: string[] = []
  const codec: PageCodec & { close(): void } = {
    scratch: 7,
    compress: (frame, to) => {
      now += 5000
      seen.push(`compress ${frame} to ${to}`)
      return 100
    },
    decompress: (_offset, _bytes, frame) => {
      now += 2000
      seen.push(`decompress ${frame}`)
    },
    keepRaw: (frame) => frame,
    loadRaw: () => {},
    close: () => seen.push('close'),
  }
  const time = new CodecTime({ now: () => now })
  const watched = time.over(codec)
  for (let i = 0; i < 160; i++) expect(watched.compress(i, 7, 4096)).toBe(100)
  for (let i = 0; i < 40; i++) watched.decompress(0, 100, i)
  expect([seen[0], seen[15]]).toEqual(['compress 0 to 7', 'compress 15 to 7'])
  expect([watched.scratch, watched.keepRaw(3), seen.length]).toEqual([7, 3, 200])
  expect(time.metrics()['codec.compress_s']).toBeCloseTo(160 * 5e-6, 12)
  expect(time.metrics()['codec.decompress_s']).toBeCloseTo(40 * 2e-6, 12)
  time.clear()
  expect(time.metrics()).toEqual({})
  watched.close()
  expect(seen.at(-1)).toBe('close')
})
