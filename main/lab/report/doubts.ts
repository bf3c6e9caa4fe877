import { type LaneReport, SENSORS, type SensorName, type TrialReport } from '../../contract/index.ts'
import { type Measure, measureOf } from '../judging/questions.ts'
import { readableBytes, readableMetric } from '../readable.ts'
import { benjaminiHochberg, kendall } from '../statistics/index.ts'

/**
 * What casts doubt on trials, from the trials alone. Nothing is dropped for it.
 *
 * A trial is flagged with a sensor where its reading lies beyond the sensor's bound, *and* either its headline metric is an outlier of its lane
 * (Tukey), or over the trials of the run that sensor goes with the headline metric (Kendall within lanes, adjusted p ≤ 0.05, for the worse).
 */

/** A sensor whose readings may move a trial. */
interface Suspect {
  sensor: SensorName
  /** Which way is worse for a measurement. */
  worse: 'high' | 'low'
  /** Beyond it a reading is suspicious. `usual` is the median of the run's trials. */
  beyond(reading: number, usual: number): boolean
}

const above = (sensor: SensorName, bound: number): Suspect => ({
  sensor,
  worse: 'high',
  beyond: (reading) => reading > bound,
})

/**
 * Rules of thumb, as those of the check before a run. Pressure on I/O is none of them: our own reads and writes make most of it.
 */
const SUSPECTS: readonly Suspect[] = [
  above('steal', 0.02),
  above('foreignCpu', 0.1),
  above('foreignIo', 2 ** 20),
  above('pressureCpu', 0.1),
  above('pressureMemory', 0.01),
  above('temperature', 90),
  { sensor: 'frequency', worse: 'low', beyond: (mhz, usual) => mhz < 0.9 * usual },
  { sensor: 'memoryAvailable', worse: 'low', beyond: (bytes) => bytes < 2 ** 28 },
]

/** Fewest trials, of all lanes, from which a correlation is looked for: six of one lane can reach p = 2/720. */
const MIN_CORRELATED = 6
const ALPHA = 0.05

/** A reading as a person reads it. */
function readableSensor(sensor: SensorName, value: number): string {
  switch (SENSORS[sensor].unit) {
    case 'share':
      return readableMetric(value, 'share')
    case 'bytes':
      return readableBytes(value)
    case 'bytes_per_s':
      return `${readableBytes(value)}/s`
    case 'celsius':
      return `${value.toFixed(0)} °C`
    case 'mhz':
      return `${value.toFixed(0)} MHz`
  }
}

interface Correlation {
  suspect: Suspect
  tau: number
  p: number
  n: number
}

/** The lanes with their trials flagged, and what a reader of the run has to know. */
export function doubted(lanes: readonly LaneReport[]): { lanes: LaneReport[]; warnings: string[] } {
  const measure = measureOf(lanes)
  const correlations = correlationsOf(lanes, measure)
  const flagged = lanes.map((lane) => flag(lane, lanes, measure, correlations))
  return {
    lanes: flagged,
    warnings: [
      ...flagged.flatMap(invalidTrials),
      ...flagged.flatMap(restless),
      ...correlations.map(
        ({ suspect, tau, p, n }) =>
          `${measure.metric} went with a reading of the host: ${SENSORS[suspect.sensor].title} (Kendall within lanes, τ ${tau.toFixed(2)}, p ${p.toPrecision(1)}, ${n} trials).`,
      ),
      ...flagged.flatMap(flaggedTrials),
    ],
  }
}

const done = (lane: LaneReport) => lane.trials.filter((trial) => trial.status === 'done')

/** Sensors that go with the measure for the worse, over all trials, compared within their lanes. */
function correlationsOf(lanes: readonly LaneReport[], { metric, betterIs }: Measure): Correlation[] {
  const tested = SUSPECTS.flatMap((suspect) => {
    const strata = lanes.map((lane) => {
      const pairs = done(lane).flatMap(({ sensors, metrics }) => {
        const [x, y] = [sensors?.[suspect.sensor], metrics[metric]]
        return x === undefined || y === undefined ? [] : [[x, y] as const]
      })
      return { x: pairs.map(([x]) => x), y: pairs.map(([, y]) => y) }
    })
    const n = strata.reduce((total, { x }) => total + x.length, 0)
    const varies = strata.some(({ x }) => x.some((value) => value !== x[0]))
    return n >= MIN_CORRELATED && varies ? [{ suspect, n, ...kendall(strata) }] : []
  })
  const adjusted = benjaminiHochberg(tested.map(({ p }) => p))
  return tested.flatMap(({ suspect, tau, n }, index) => {
    const harms = (suspect.worse === 'high') === (tau < 0 === (betterIs === 'higher'))
    return adjusted[index] <= ALPHA && harms ? [{ suspect, tau, n, p: adjusted[index] }] : []
  })
}

function flag(
  lane: LaneReport,
  lanes: readonly LaneReport[],
  { metric }: Measure,
  correlations: readonly Correlation[],
): LaneReport {
  const outliers = new Set(lane.outliers.filter((mark) => mark.metric === metric).map(({ order }) => order))
  const reasons = (trial: TrialReport) =>
    SUSPECTS.flatMap(({ sensor, beyond }) => {
      const reading = trial.sensors?.[sensor]
      if (reading === undefined || !beyond(reading, usual(lanes, sensor))) return []
      const because = [
        ...(outliers.has(trial.order) ? [`its ${metric} is an outlier of the lane`] : []),
        ...(correlations.some(({ suspect }) => suspect.sensor === sensor)
          ? [`${metric} went with it over the run`]
          : []),
      ]
      if (because.length === 0) return []
      return [`${SENSORS[sensor].title}: ${readableSensor(sensor, reading)}; ${because.join(', and ')}`]
    })
  return {
    ...lane,
    trials: lane.trials.map((trial) => {
      const flags = trial.status === 'done' ? reasons(trial) : []
      return flags.length > 0 ? { ...trial, flags } : trial
    }),
  }
}

/** Median of a sensor over all trials of the run. */
function usual(lanes: readonly LaneReport[], sensor: SensorName): number {
  const readings = lanes
    .flatMap((lane) => done(lane).flatMap(({ sensors }) => sensors?.[sensor] ?? []))
    .sort((a, b) => a - b)
  return readings[readings.length >> 1]
}

const trialsOf = (count: number, lane: LaneReport) =>
  `${count} of ${lane.trials.length} ${lane.trials.length === 1 ? 'trial' : 'trials'} of ${lane.label}`

function invalidTrials(lane: LaneReport): string[] {
  const invalid = lane.trials.filter(({ status }) => status === 'invalid')
  if (invalid.length === 0) return []
  return [`${trialsOf(invalid.length, lane)} not valid and in no figure. ${invalid[0].invalid ?? ''}`.trim()]
}

function restless(lane: LaneReport): string[] {
  const without = done(lane).filter(({ steady }) => steady?.reached === false)
  if (without.length === 0) return []
  return [`Steady state not reached in ${trialsOf(without.length, lane)}. ${without[0].steady?.reason ?? ''}`]
}

function flaggedTrials(lane: LaneReport): string[] {
  const flagged = lane.trials.filter(({ flags }) => flags)
  if (flagged.length === 0) return []
  const [{ order, flags }] = flagged
  return [`Flagged: ${trialsOf(flagged.length, lane)}. Trial ${order + 1}: ${flags?.join('; ')}.`]
}
