import type { ExperimentSpec } from './experiment.ts'

/** Trials per lane up to which an A/A collects where the specification sets no limit: enough to settle 5 % at 8 % noise. */
const AA_LIMIT = 120
/** Fewest blocks that give an interval. */
const AA_TRIALS = 6

/**
 * An experiment against itself: the chosen lane twice in one run, judged by block. It must be the same in at least 95 % of
 * cases; where it is not, the lab or the host cannot be trusted with the question either.
 * @param lane index into spec.lanes
 */
export function twinLanes(spec: ExperimentSpec, lane = 0): ExperimentSpec {
  const { lanes, adaptive } = spec
  const chosen = lanes[lane] ?? lanes[0]
  return {
    ...spec,
    name: spec.name.startsWith('A/A') ? spec.name : `A/A ${spec.name}`.slice(0, 120),
    lanes: [
      { ...chosen, label: 'A' },
      { ...chosen, label: 'A again' },
    ],
    trials: Math.max(AA_TRIALS, spec.trials),
    adaptive: { ...adaptive, limit: adaptive.limit === 0 ? AA_LIMIT : adaptive.limit },
  }
}
