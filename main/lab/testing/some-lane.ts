import { type LaneReport, type LaneSpec, laneLabel, type TrialReport } from '../../contract/index.ts'

/** A trial that is done, in a block of its own: for tests of what is made of trials. */
export function someTrial(order: number, changes: Partial<TrialReport> = {}): TrialReport {
  return {
    order,
    block: order,
    status: 'done',
    startedAt: '2026-01-01T00:00:00.000Z',
    durationMs: 1,
    metrics: {},
    counters: {},
    verified: { pages: 1, mismatches: 0 },
    ...changes,
  }
}

/** A lane's trials, and nothing made of them yet. */
export function someLane(spec: LaneSpec, trials: TrialReport[], changes: Partial<LaneReport> = {}): LaneReport {
  return { label: laneLabel(spec), spec, trials, metrics: {}, counters: {}, outliers: [], notes: [], ...changes }
}
