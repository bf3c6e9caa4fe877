import type { TrialRow } from '../../../db/index.ts'
import { diskPagesFor } from '../../bench/index.ts'
import { type ExperimentSpec, type LaneSpec, laneLabel, PAGE_SIZE, type RunEstimate } from '../../contract/index.ts'
import { median } from '../statistics/index.ts'

/** A finished run of this host. */
export interface PastRun {
  spec: ExperimentSpec
  durationMs: number
  trials: readonly TrialRow[]
}

/** Node itself with the engine's code, measured as the resident size of an idle engine process, bytes. */
const ENGINE_BASE_BYTES = 80 * 2 ** 20

/** Bookkeeping of the engine for each page of the address space (rows of its tables, version stamps), bytes. */
const TABLE_BYTES_PER_PAGE = 64

/** What a specification needs: time from this host's own past, space from the specification itself. */
export function estimateRun(spec: ExperimentSpec, past: readonly PastRun[], diskFreeBytes: number): RunEstimate {
  // A simulation writes nothing.
  const diskBytes = spec.mode === 'simulate' ? 0 : diskPagesFor(spec) * PAGE_SIZE
  return {
    ...estimateTime(spec, past),
    diskBytes,
    preparationBytes: diskBytes * (1 + spec.swapfile.precondition),
    diskFreeBytes,
    memoryBytes:
      ENGINE_BASE_BYTES +
      (spec.memory.frames + livePages(spec) + corpusPages(spec)) * PAGE_SIZE +
      spec.workload.pages * TABLE_BYTES_PER_PAGE,
  }
}

/** Live memory comes beside the frames, which keep a copy of what is mapped there. */
function livePages({ lanes, memory }: ExperimentSpec): number {
  return lanes.some(({ lane }) => lane === 'live') ? memory.frames : 0
}

function corpusPages({ workload: { content } }: ExperimentSpec): number {
  return content.source === 'corpus' ? 0 : content.pages
}

/** In an open loop the rate says how long a trial takes. */
const paceOf = ({ workload: { load } }: ExperimentSpec) => (load.kind === 'open' ? `${load.rate}/s ` : '')

/** What makes two lanes cost the same: mode, pace, and everything of the lane but its label. */
const keyOf = (spec: ExperimentSpec, lane: LaneSpec) =>
  `${spec.mode === 'simulate' ? 'simulated ' : ''}${paceOf(spec)}${laneLabel({ ...lane, label: undefined })}`

/** How many an adaptive run adds, nobody knows before. */
const grows = ({ adaptive, trials }: ExperimentSpec) =>
  adaptive.limit > trials
    ? `; up to ${Math.ceil(adaptive.limit / trials)} times that where the verdicts do not stand before`
    : ''

function estimateTime(spec: ExperimentSpec, past: readonly PastRun[]): Pick<RunEstimate, 'seconds' | 'basis'> {
  const costs = new Map<string, number[]>()
  const overheads: number[] = []
  for (const run of past) {
    for (const { lane, report } of run.trials) {
      if (report.status !== 'done') continue
      const key = keyOf(run.spec, run.spec.lanes[lane])
      costs.set(key, [...(costs.get(key) ?? []), report.durationMs / run.spec.workload.operations])
    }
    if ((run.spec.mode === 'simulate') !== (spec.mode === 'simulate')) continue
    overheads.push(Math.max(0, run.durationMs - run.trials.reduce((sum, { report }) => sum + report.durationMs, 0)))
  }
  let ms = overheads.length > 0 ? median(overheads) : 0
  let trials = 0
  const unknown: string[] = []
  for (const lane of spec.lanes) {
    const measured = costs.get(keyOf(spec, lane))
    if (!measured) unknown.push(laneLabel(lane))
    else {
      ms += median(measured) * spec.workload.operations * spec.trials
      trials += measured.length
    }
  }
  if (unknown.length > 0)
    return { seconds: null, basis: `never measured on this host: ${unknown.map((label) => `"${label}"`).join(', ')}` }
  return {
    seconds: Math.ceil(ms / 1000),
    basis: `${trials} trials of these lanes on this host, scaled by their accesses${grows(spec)}`,
  }
}
