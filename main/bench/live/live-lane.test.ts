import { describe, expect, it } from 'vitest'
import { native } from '../../../native-bench/index.ts'
import { type ExperimentInput, LabError, parseSpec } from '../../contract/index.ts'
import { carryOut, SMALL, type TrialMessage } from '../fixture-experiment.ts'
import { totalCount } from '../measure/histogram.ts'

const { sigbus, handler } = native.liveProbe()
const reason = sigbus ?? handler

const ofLane = (trials: TrialMessage[], lane: number) => trials.filter((trial) => trial.lane === lane)[0]

describe.skipIf(reason !== null)(`the live lane${reason ? ` (skipped: ${reason})` : ''}`, () => {
  const LIVE = { lane: 'live', writeback: 'on', inflight: 32 } as const
  it('carries out the same accesses on real memory beside the others, and checks every page', async () => {
    const { end, left, trials } = await carryOut({
      ...SMALL,
      lanes: [
        { lane: 'raw' },
        { lane: 'zcache', writeback: 'on', inflight: 32 },
        LIVE,
        { ...LIVE, mode: 'handler', threads: 2 },
      ],
    })
    expect(end).toEqual({ kind: 'end', status: 'done' })
    expect(left).toEqual([])
    const accesses = (lane: number) => ofLane(trials, lane).series.reduce((sum, sample) => sum + sample.accesses, 0)
    for (const lane of [0, 1, 2, 3]) expect(accesses(lane)).toBe(SMALL.workload.pages + SMALL.workload.operations)
    for (const lane of [2, 3]) {
      const { report, histograms } = ofLane(trials, lane)
      expect(report.verified.mismatches).toBe(0)
      // At least every page once, at the end, and each that came back.
      expect(report.verified.pages).toBeGreaterThanOrEqual(SMALL.workload.pages + report.counters.pgfault)
      // With threads a page may leave between its touch and its check: mm answers the check's fault, which is nobody's latency.
      const unrecorded = lane === 2 ? 0 : report.counters.pgfault * 0.1
      expect(totalCount(histograms['fault.ns'])).toBeGreaterThanOrEqual(report.counters.pgfault - unrecorded)
      expect(report.counters.faults_pool).toBeGreaterThan(0)
      expect(report.counters.faults_disk).toBeGreaterThan(0)
      expect(report.counters.writtenback_pages).toBeGreaterThan(0)
      for (const name of ['fault.null.ns.p50', 'fault.engine.ns.p50', 'fault.pool.ns.mean', 'accesses.per_s'])
        expect(report.metrics[name]).toBeGreaterThan(0)
      // The engine's part of a fault is a part of it.
      expect(histograms['fault.engine.ns'].sum).toBeLessThan(histograms['fault.ns'].sum)
    }
  })

  it('gives pages back, and finds them untouched', async () => {
    const { end, trials } = await carryOut({
      ...SMALL,
      workload: { ...SMALL.workload, access: { pattern: 'tabs', close: 0.5 } },
      lanes: [LIVE, { ...LIVE, mode: 'handler', threads: 2 }],
    })
    expect(end).toEqual({ kind: 'end', status: 'done' })
    for (const lane of [0, 1]) expect(ofLane(trials, lane).report.counters.faults_zero).toBeGreaterThan(0)
  })
})

describe('an experiment with a live lane', () => {
  const refused = (input: ExperimentInput) => {
    try {
      parseSpec({ ...SMALL, lanes: [{ lane: 'live' }], ...input })
    } catch (error) {
      return error instanceof LabError ? error.toFault() : error
    }
    return 'accepted'
  }

  it('is refused, by field, where it asks for what real memory or its threads cannot do', () => {
    expect(refused({ mode: 'simulate' })).toMatchObject({ code: 'bad_input', field: 'lanes.0.lane' })
    expect(refused({ workload: { ...SMALL.workload, load: { kind: 'open', rate: 1000 } } })).toMatchObject({
      field: 'workload.load.kind',
    })
    expect(refused({ workload: { ...SMALL.workload, file: { share: 0.5 } } })).toMatchObject({
      field: 'workload.file.share',
    })
    expect(refused({ lanes: [{ lane: 'live', threads: 2 }] })).toMatchObject({
      field: 'lanes.0.threads',
      message: expect.stringContaining('handler'),
    })
    expect(refused({ lanes: [{ lane: 'live', mode: 'handler', threads: 2 }] })).toBe('accepted')
  })
})
