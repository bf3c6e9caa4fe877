import type { z } from 'zod'
import type { RawLane } from '../../contract/index.ts'
import type { LaneEntry } from './lane.ts'

export const raw: LaneEntry<z.infer<typeof RawLane>> = {
  name: 'raw',
  title: 'Plain swap',
  description:
    'Every evicted page goes to the swap file, every fault reads it: what compressed swap is measured against.',
  needs: [],
  usesCodec: false,
  reserve: () => 0,
  metadataBytes: () => 0,
  pagesPerFrame: () => 1,
  open: () => ({
    backend: null,
    counters: () => ({}),
    gauges: () => ({ poolFrames: 0, inflight: 0, writtenBack: 0 }),
    poolMetrics: () => ({}),
    audit: () => [],
    close: () => {},
  }),
}
