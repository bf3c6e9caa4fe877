import { LabError, PAGE_SIZE, type ZcacheLane } from '../../contract/index.ts'
import {
  type Policy,
  policyEntry,
  policyParameters,
  reserveFrames,
  Zcache,
  zcacheMetadataBytes,
} from '../../zcache/index.ts'
import type { LaneEntry } from './lane.ts'

export const zcache: LaneEntry<ZcacheLane> = {
  name: 'zcache',
  title: 'zcache',
  description: 'Evicted pages are compressed into a pool in RAM; with writeback on, the oldest go on to the swap file.',
  needs: ['a codec of the system (lz4 and zstd are on every Debian)'],
  usesCodec: true,
  reserve: (lane) => (lane.writeback === 'on' ? reserveFrames(lane.inflight) : 0),
  metadataBytes: (_lane, experiment, slots) => zcacheMetadataBytes(slots, experiment.memory.pool),
  open(lane, experiment, parts) {
    const codec = parts.openCodec(lane.codec, lane.level)
    let engine: Zcache | null = null
    const of = <T>(read: (zcache: Zcache) => T, none: T): T => (engine ? read(engine) : none)
    return {
      backend: (core) => {
        engine = new Zcache(
          core,
          {
            frames: parts.frames,
            slots: parts.slots.slots,
            poolLimit: experiment.memory.pool,
            policy: lane.writeback === 'on' ? createPolicy(lane) : null,
            inflight: lane.inflight,
            full: lane.full,
            budgetBytesPerDay: lane.budget === null ? null : lane.budget * 2 ** 20,
          },
          {
            codec,
            arena: parts.arena,
            generations: parts.slots.generation,
            clock: parts.clock,
            meters: parts.meters.zcache,
          },
        )
        return engine
      },
      counters: () =>
        of<Record<string, number>>((z) => ({ ...z.counters, ...z.tmem.counters, ...z.zbud.counters }), {}),
      gauges: () =>
        of(
          ({ counters }) => ({
            poolFrames: counters.pers_pageframes,
            inflight: counters.outstanding_writeback_pages,
            writtenBack: counters.writtenback_pages,
          }),
          { poolFrames: 0, inflight: 0, writtenBack: 0 },
        ),
      poolMetrics: () =>
        of<Record<string, number>>(({ counters }) => {
          const metrics: Record<string, number> = { 'pool.frames.peak': counters.pers_pageframes_max }
          if (counters.pers_zbytes > 0) {
            metrics['pool.ratio.true'] = (counters.pers_zpages * PAGE_SIZE) / counters.pers_zbytes
            metrics['pool.ratio.effective'] = counters.pers_zpages / counters.pers_pageframes
          }
          return metrics
        }, {}),
      audit: () => of((z) => z.audit(true), []),
      close: () => codec.close(),
    }
  },
}

/** @throws LabError `bad_input` naming the parameter */
function createPolicy(lane: ZcacheLane): Policy {
  const entry = policyEntry(lane.policy)
  try {
    return entry.create(policyParameters(entry, lane.parameters))
  } catch (error) {
    if (error instanceof LabError) throw error
    throw new LabError(
      {
        code: 'bad_input',
        message: `${error instanceof Error ? error.message : error}.`,
        field: 'lanes.parameters',
        remedy: '"swaplab policies" lists every parameter with its limits.',
      },
      { cause: error },
    )
  }
}
