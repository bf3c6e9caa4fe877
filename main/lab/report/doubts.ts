import { type LaneReport, SENSORS, type SensorName } from '../../contract/index.ts'
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

/** The lanes with their trials flagged, and what a reader of the run has to know: one sentence for each doubt, not for each lane. */
export function doubted(lanes: readonly LaneReport[]): { lanes: LaneReport[]; warnings: string[] } {
  const measure = measureOf(lanes)
  const correlations = correlationsOf(lanes, measure)
  const flags = lanes.map((lane) => flagsOf(lane, lanes, measure, correlations))
  const flagged = lanes.map((lane, at) => ({
    ...lane,
    trials: lane.trials.map((trial) => {
      const own = flags[at].filter(({ order }) => order === trial.order)
      return own.length > 0 ? { ...trial, flags: own.map(({ text }) => text) } : trial
    }),
  }))
  return {
    lanes: flagged,
    warnings: [
      ...invalidTrials(lanes),
      ...restless(lanes),
      ...correlations.map(
        ({ suspect, tau, p, n }) =>
          `${measure.metric} went with a reading of the host: ${SENSORS[suspect.sensor].title} (Kendall within lanes, τ ${tau.toFixed(2).replace('-', '−')}, p ${p.toPrecision(1)}, ${n} trials).`,
      ),
      ...flaggedTrials(lanes, flags),
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

/** One sensor's word against one trial. */
interface Flag {
  order: number
  sensor: SensorName
  reading: number
  text: string
}

function flagsOf(
  lane: LaneReport,
  lanes: readonly LaneReport[],
  { metric }: Measure,
  correlations: readonly Correlation[],
): Flag[] {
  const outliers = new Set(lane.outliers.filter((mark) => mark.metric === metric).map(({ order }) => order))
  return done(lane).flatMap(({ order, sensors }) =>
    SUSPECTS.flatMap(({ sensor, beyond }) => {
      const reading = sensors?.[sensor]
      if (reading === undefined || !beyond(reading, usual(lanes, sensor))) return []
      const because = [
        ...(outliers.has(order) ? [`its ${metric} is an outlier of the lane`] : []),
        ...(correlations.some(({ suspect }) => suspect.sensor === sensor)
          ? [`${metric} went with it over the run`]
          : []),
      ]
      if (because.length === 0) return []
      const text = `${SENSORS[sensor].short} ${readableSensor(sensor, reading)}: ${because.join(', and ')}`
      return [{ order, sensor, reading, text }]
    }),
  )
}

/** Median of a sensor over all trials of the run. */
function usual(lanes: readonly LaneReport[], sensor: SensorName): number {
  const readings = lanes
    .flatMap((lane) => done(lane).flatMap(({ sensors }) => sensors?.[sensor] ?? []))
    .sort((a, b) => a - b)
  return readings[readings.length >> 1]
}

/** "32 of 48 trials (6 of 6 of raw and zram; 5 of 6 of zcache)": `counts` of each lane's trials, lanes with the same share together. */
function among(lanes: readonly LaneReport[], counts: readonly number[]): string {
  const total = lanes.reduce((sum, { trials }) => sum + trials.length, 0)
  const affected = counts.reduce((sum, count) => sum + count, 0)
  const all = `${affected} of ${total} ${total === 1 ? 'trial' : 'trials'}`
  if (lanes.length === 1) return `${all} of ${lanes[0].label}`
  if (affected === total) return all
  const shares = lanes.flatMap(({ label, trials }, at) =>
    counts[at] === 0 ? [] : [{ label, share: `${counts[at]} of ${trials.length}`, rate: counts[at] / trials.length }],
  )
  const alike = Map.groupBy(
    shares.sort((a, b) => b.rate - a.rate),
    ({ share }) => share,
  )
  const parts = [...alike].map(([share, same]) => `${share} of ${same.map(({ label }) => label).join(', ')}`)
  return `${all} (${parts.join('; ')})`
}

function invalidTrials(lanes: readonly LaneReport[]): string[] {
  const invalid = lanes.map(({ trials }) => trials.filter(({ status }) => status === 'invalid'))
  const [first] = invalid.flat().sort((a, b) => a.order - b.order)
  if (!first) return []
  const counts = invalid.map(({ length }) => length)
  return [
    `${among(lanes, counts)} not valid and in no figure. Trial ${first.order + 1}: ${first.invalid ?? 'no reason'}`,
  ]
}

function restless(lanes: readonly LaneReport[]): string[] {
  const without = lanes.map((lane) => done(lane).filter(({ steady }) => steady?.reached === false))
  const [first] = without.flat().sort((a, b) => a.order - b.order)
  if (!first) return []
  const counts = without.map(({ length }) => length)
  return [
    `Steady state not reached in ${among(lanes, counts)}. Trial ${first.order + 1}: ${first.steady?.reason ?? 'no reason'}`,
  ]
}

function flaggedTrials(lanes: readonly LaneReport[], flags: readonly (readonly Flag[])[]): string[] {
  return SUSPECTS.flatMap(({ sensor }) => {
    const own = flags.map((ofLane) => ofLane.filter((flag) => flag.sensor === sensor))
    const readings = own.flatMap((ofLane) => ofLane.map(({ reading }) => reading))
    if (readings.length === 0) return []
    const [low, high] = [Math.min(...readings), Math.max(...readings)].map((value) => readableSensor(sensor, value))
    const counts = own.map(({ length }) => length)
    return [
      `Flagged: ${among(lanes, counts)}, for ${SENSORS[sensor].title} (${low === high ? low : `${low} to ${high}`}).`,
    ]
  })
}
