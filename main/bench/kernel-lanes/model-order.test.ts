import { expect, it } from 'vitest'
import { type ExperimentInput, parseSpec } from '../../contract/index.ts'
import { buildCorpus } from '../workloads/index.ts'
import { modelOrder, PAGE_OUT } from './model-order.ts'

const shape: ExperimentInput = {
  memory: { frames: 512, pool: 400 },
  workload: { content: { source: 'synthetic', pages: 128 }, pages: 640, operations: 2_000 },
  lanes: [{ lane: 'zswap', codec: 'lz4', writeback: 'on', inflight: 2 }],
  warmup: 0.25,
}

it.each(['slot', 'log'] as const)(
  'writes down every access in its part, and every page that has to leave between two of them (%s)',
  async (layout) => {
    const spec = parseSpec({ ...shape, swapfile: { layout } })
    const [lane] = spec.lanes
    if (lane.lane !== 'zswap') throw new Error('not the lane')
    const corpus = buildCorpus(spec.workload.content, { seed: spec.seed, selfCorpus: null })
    try {
      const order = await modelOrder({ spec, lane, corpus }, { tick: async () => {} })
      const accesses = (rows: Uint32Array) => rows.filter((row) => (row & 3) !== PAGE_OUT).length
      expect([order.populate, order.warmup, order.measure].map(accesses)).toEqual([640, 500, 1_500])
      const resident = new Set<number>()
      let most = 0
      for (const part of [order.populate, order.warmup, order.measure])
        for (const row of part) {
          // Only what is there can leave.
          if ((row & 3) === PAGE_OUT) expect(resident.delete(row >> 2)).toBe(true)
          else resident.add(row >> 2)
          most = Math.max(most, resident.size)
        }
      expect(most).toBeGreaterThan(64)
      expect(most).toBeLessThanOrEqual(512)
    } finally {
      corpus.release()
    }
  },
)
