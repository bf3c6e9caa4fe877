import { describe, expect, it } from 'vitest'
import { fileAreas } from './file-areas.ts'

describe('file-backed areas', () => {
  it('are none without a share', () => {
    expect(fileAreas(1000, 0)).toBeNull()
  })

  it.each([0.1, 0.25, 0.5, 0.9])('take a share of %s, spread over the whole address space', (share) => {
    const pages = 16_000
    const areas = fileAreas(pages, share)
    if (areas === null) throw new Error('no areas')
    for (let from = 0; from < pages; from += 4000) {
      const there = areas.pageOf.subarray(from, from + 4000).reduce((sum, page) => sum + (page >= 0 ? 1 : 0), 0)
      expect(Math.abs(there / 4000 - share)).toBeLessThan(0.01)
    }
  })

  it('number the pages of the file in the order of the address space', () => {
    const areas = fileAreas(256, 0.5)
    if (areas === null) throw new Error('no areas')
    expect(areas.vpnOf.length).toBe(128)
    for (const [page, vpn] of areas.vpnOf.entries()) expect(areas.pageOf[vpn]).toBe(page)
    expect([...areas.vpnOf]).toEqual([...areas.vpnOf].sort((a, b) => a - b))
  })
})
