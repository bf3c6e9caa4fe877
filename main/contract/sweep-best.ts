import { LabError } from './errors.ts'
import { type ExperimentSpec, parseSpec } from './experiment.ts'
import { type LaneSpec, laneLabel } from './lane.ts'
import { LONGEST_LABEL } from './lane-fields.ts'
import { LIMITS } from './spec.ts'
import { betterFirst, pointSpec, pointValues, type SweepAxis, type SweepDocument } from './sweep.ts'

/** What looks best in a sweep, as one experiment to be measured. */

/** Trials that can prove something; a sweep often has fewer. */
const TRIALS = 6
const LONGEST_NAME = 120

type Values = Record<string, SweepAxis['values'][number]>

export interface BestLanes {
  /** First the lanes in which nothing varies, which the others are held against; then the best of the others. */
  spec: ExperimentSpec
  /** What is varied outside of the lanes, by field: an experiment has one RAM, one pool limit and one workload, those of the best lane of all. */
  at: Values
  /** The next best of what is varied there, which would be other experiments. */
  elsewhere: Values[]
}

/** One lane of one point. */
interface Candidate {
  position: number
  place: number
  /** The same for lanes that one experiment can hold. */
  setting: string
  value: number | undefined
}

/** Thousands have a setting, few the best one: only of those the lane is read. */
interface ReadCandidate extends Candidate {
  lane: LaneSpec
  /** The same for what is one lane. */
  key: string
}

/**
 * @param metric orders the lanes, as in the sweep's table
 * @param most lanes beside those in which nothing varies
 * @throws LabError `bad_input` where no point has the metric, or the experiment cannot be measured
 */
export function bestLanes(document: SweepDocument, { metric, most }: { metric: string; most: number }): BestLanes {
  const { sweep, metrics: known } = document
  const candidates = candidatesOf(document, metric)
  const rank = <C extends Candidate>(all: readonly C[]) =>
    all.filter(({ value }) => value !== undefined).sort((a, b) => betterFirst(a.value, b.value, known[metric].better))
  const ranked = rank(candidates)
  if (ranked.length === 0)
    throw new LabError({
      code: 'bad_input',
      field: 'metric',
      message: `No point of sweep ${sweep.id} has ${metric}.`,
      remedy: `There are ${Object.keys(known).join(', ') || 'no figures in it'}.`,
    })
  const [{ setting, position }] = ranked
  const here = read(
    document,
    candidates.filter((candidate) => candidate.setting === setting),
  )
  const points = new Set(here.map((candidate) => candidate.position)).size
  const standing = [...Map.groupBy(here, ({ key }) => key).values()].filter((same) => same.length === points)
  const lanes = firstOfEach(standing.flat(), ({ key }) => key)
  const keys = new Set(lanes.map(({ key }) => key))
  const varied = here.filter(({ key }) => !keys.has(key))
  const best = firstOfEach(rank(varied), ({ key }) => key).slice(0, Math.min(most, LIMITS.lanes.max - lanes.length))
  const [first, ...others] = firstOfEach(ranked, (candidate) => candidate.setting)
  const { simulate: _, ...whole } = parseSpec(pointSpec(document.spec, sweep.axes, position))
  return {
    spec: parseSpec({
      ...whole,
      mode: 'measure',
      name: `${whole.name}: best of sweep ${sweep.id}`.slice(-LONGEST_NAME),
      trials: Math.max(whole.trials, TRIALS),
      lanes: labelled([...lanes, ...best], sweep.axes),
    }),
    at: valuesOutsideLanes(sweep.axes, first.position),
    elsewhere: others.slice(0, most - 1).map((other) => valuesOutsideLanes(sweep.axes, other.position)),
  }
}

/** Fields that the measured experiment does not have. */
const OF_MODELS = /^simulate(\.|$)/

function candidatesOf({ sweep, points }: SweepDocument, metric: string): Candidate[] {
  return points
    .filter(({ fault }) => fault === null)
    .flatMap(({ position, lanes }) => {
      const measured = Object.entries(valuesOutsideLanes(sweep.axes, position)).filter(
        ([field]) => !OF_MODELS.test(field),
      )
      const setting = JSON.stringify(measured)
      return lanes.map(({ metrics }, place) => ({ position, place, setting, value: metrics[metric] }))
    })
}

function read({ sweep, spec }: SweepDocument, candidates: readonly Candidate[]): ReadCandidate[] {
  return [...Map.groupBy(candidates, ({ position }) => position)].flatMap(([position, own]) => {
    const { lanes } = parseSpec(pointSpec(spec, sweep.axes, position))
    return own.map((candidate) => {
      const lane = lanes[candidate.place]
      return { ...candidate, lane, key: JSON.stringify(lane) }
    })
  })
}

function firstOfEach<C extends Candidate>(candidates: readonly C[], keyOf: (candidate: C) => string): C[] {
  return [...Map.groupBy(candidates, keyOf).values()].map(([first]) => first)
}

/** Lanes of one label get what is varied in them behind it. */
function labelled(candidates: readonly ReadCandidate[], axes: readonly SweepAxis[]): LaneSpec[] {
  const labels = candidates.map(({ lane }) => laneLabel(lane))
  return candidates.map(({ lane, place, position }, at) => {
    if (labels.indexOf(labels[at]) === labels.lastIndexOf(labels[at])) return lane
    const own = pointValues(axes, position)
      .map((value, axis) => ({ value, field: axes[axis].field }))
      .filter(({ field }) => field.startsWith(`lanes.${place}.`))
      .map(
        ({ field, value }) => `${field.split('.').at(-1)} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
      )
    const tail = own.join(', ') || String(position)
    return {
      ...lane,
      label: `${labels[at].slice(0, Math.max(0, LONGEST_LABEL - tail.length - 2))}, ${tail}`.slice(0, LONGEST_LABEL),
    }
  })
}

function valuesOutsideLanes(axes: readonly SweepAxis[], position: number): Values {
  const values = pointValues(axes, position)
  const outside = axes
    .map(({ field }, at) => [field, values[at]] as const)
    .filter(([field]) => !/^lanes(\.|$)/.test(field))
  return Object.fromEntries(outside)
}
