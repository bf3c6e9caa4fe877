import { expect, it } from 'vitest'
import { CALIBRATED_POOLS, ContentSpec } from '../../contract/index.ts'
import { buildCorpus } from '../workloads/index.ts'
import { calibrateCodec } from './codecs.ts'

it('measures pages that are stored, and each figure of them', () => {
  const mix = { zero: 0, text: 0.8, heap: 0, random: 0.2 }
  const content = ContentSpec.parse({ source: 'synthetic', pages: 64, mix })
  const corpus = buildCorpus(content, { seed: 42, selfCorpus: null })
  try {
    const rows = calibrateCodec('lz4', { arena: corpus.arena.id, pages: corpus.pages, source: 'x' }, 42)
    expect(rows.map(({ pool }) => pool)).toEqual(Object.keys(CALIBRATED_POOLS))
    for (const row of rows) {
      expect(row.pages).toBe(64)
      expect(row.ratio).toBeGreaterThan(1)
      for (const ns of [row.rawCompressNs, row.rawInPlaceNs, row.rawDecompressNs, row.storeNs, row.loadNs])
        expect(ns).toBeGreaterThan(0)
      expect(row.storeOverRaw).toBe(row.storeNs / row.rawCompressNs)
      expect(row.loadOverRaw).toBe(row.loadNs / row.rawDecompressNs)
    }
  } finally {
    corpus.release()
  }
})
