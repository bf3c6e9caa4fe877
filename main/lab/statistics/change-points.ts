import { median, medianOfSorted, sortedFinite } from './median.ts'

export interface ChangePointOptions {
  /** Points a step needs on each side. */
  minPoints?: number
  /** Smallest relative step. */
  minShift?: number
  /** Smallest step in standard deviations of the points around their level. */
  sigmas?: number
}

interface ChangePoint {
  /** Index of the first point of the new level. */
  index: number
  /** Levels: medians of the stretches up to the neighbouring steps, in the unit of the series. */
  before: number
  after: number
  /** (after − before) / before; null where before is 0. */
  shift: number | null
}

export interface ChangePoints {
  points: ChangePoint[]
  /** Smallest relative step that this series could have shown; null where it is too short or its level is 0. */
  smallest: number | null
  /** Standard deviation of the points around their level, in the unit of the series; null where too short. */
  sigma: number | null
  reason: string
}

/** Makes the median absolute deviation an estimate of the standard deviation of normal values. */
const MAD_TO_SIGMA = 1.4826

/** Points kept for the search, whose cost grows with their square; older ones are left out by the caller. */
export const LONGEST_SERIES = 2000

/**
 * Steps in a history (one value per run, oldest first). The series is cut where that lowers the squared deviation from
 * the stretches' means by more than the smallest step worth reporting would (optimal partitioning, Jackson et al. 2005,
 * with a shortest stretch); each cut is then moved to where the points part best between the medians of its two sides;
 * then steps whose medians differ by less than 1 % or 2.5 standard deviations are taken back, the weakest first, so that
 * a single wild run neither makes a step nor moves one. The noise comes from the differences of neighbours,
 * which a step hardly touches. A slow drift appears as one step or several.
 * Throws RangeError where a value is not finite or the series is longer than 2000.
 */
export function changePoints(series: readonly number[], options: ChangePointOptions = {}): ChangePoints {
  const { minPoints = 6, minShift = 0.01, sigmas = 2.5 } = options
  if (series.length > LONGEST_SERIES) throw new RangeError(`at most ${LONGEST_SERIES} points, got ${series.length}`)
  const needed = 2 * minPoints
  sortedFinite(series)
  if (series.length < needed) {
    const reason = `${series.length} ${series.length === 1 ? 'point' : 'points'}: a step needs ${minPoints} on each side.`
    return { points: [], smallest: null, sigma: null, reason }
  }
  const level = median(series)
  const noise = noiseOf(series)
  // A series that repeats itself exactly still needs a penalty above the rounding of its sums.
  const working = Math.max(noise, Math.abs(level) * 1e-9)
  // Two stretches of minPoints that differ by `sigmas` standard deviations lower the squared deviation by this much.
  const penalty = (minPoints / 2) * (sigmas * working) ** 2
  const cuts = partition(series, minPoints, penalty)
  const points = prune(
    series,
    cuts,
    minPoints,
    (step) =>
      Math.abs(step.after - step.before) >= sigmas * noise && (step.shift === null || Math.abs(step.shift) >= minShift),
  )
  const smallest = level === 0 ? null : Math.max(minShift, (sigmas * noise) / Math.abs(level))
  const shown = smallest === null ? '' : ` The smallest step it could show is ${(smallest * 100).toFixed(1)} %.`
  const found = points.length === 0 ? 'No step' : points.length === 1 ? '1 step' : `${points.length} steps`
  return { points, smallest, sigma: noise, reason: `${found} in ${series.length} points.${shown}` }
}

/**
 * Standard deviation around a level that may step: from differences of neighbours, robust against a few of them. It is 0
 * where more than half of the neighbours are equal (counters): then every lasting change of 1 % is a step.
 */
function noiseOf(series: readonly number[]): number {
  const moves = series.slice(1).map((value, index) => Math.abs(value - series[index]))
  return (MAD_TO_SIGMA * median(moves)) / Math.SQRT2
}

/** Starts of the stretches after the first, from the cheapest cut: squared deviations plus a penalty per cut. */
function partition(series: readonly number[], shortest: number, penalty: number): number[] {
  const count = series.length
  const offset = series[0]
  const sums = new Float64Array(count + 1)
  const squares = new Float64Array(count + 1)
  for (let index = 0; index < count; index++) {
    const value = series[index] - offset
    sums[index + 1] = sums[index] + value
    squares[index + 1] = squares[index] + value * value
  }
  const deviation = (from: number, to: number): number =>
    squares[to] - squares[from] - (sums[to] - sums[from]) ** 2 / (to - from)
  const cheapest = new Float64Array(count + 1).fill(Number.POSITIVE_INFINITY)
  const start = new Int32Array(count + 1)
  cheapest[0] = -penalty
  for (let end = shortest; end <= count; end++) {
    for (let from = 0; from <= end - shortest; from++) {
      const cost = cheapest[from] + deviation(from, end) + penalty
      if (cost < cheapest[end]) {
        cheapest[end] = cost
        start[end] = from
      }
    }
  }
  const cuts: number[] = []
  for (let end = start[count]; end > 0; end = start[end]) cuts.push(end)
  return cuts.reverse()
}

/** Rounds in which cuts may move; mostly the second moves none. */
const MOST_MOVES = 10

/** The means of the search are pulled by wild runs, and its cuts with them: the medians are not. Cuts stay in order, and stretches long enough. */
function placed(series: readonly number[], cuts: readonly number[], shortest: number): number[] {
  const bounds = [0, ...cuts, series.length]
  const levelOf = (from: number, to: number): number => medianOfSorted(sortedFinite(series.slice(from, to)))
  for (let round = 0, moved = true; moved && round < MOST_MOVES; round++) {
    moved = false
    for (let at = 1; at < bounds.length - 1; at++) {
      const [from, cut, to] = bounds.slice(at - 1, at + 2)
      const [before, after] = [levelOf(from, cut), levelOf(cut, to)]
      // What it costs to have the points up to here on the side before, beside having them after. A wild one says nothing of either.
      let cost = 0
      const costs = series.slice(from, to).map((value) => {
        const [toBefore, toAfter] = [Math.abs(value - before), Math.abs(value - after)]
        if (Math.min(toBefore, toAfter) <= Math.abs(after - before)) cost += toBefore - toAfter
        return cost
      })
      const costAt = (place: number): number => costs[place - from - 1]
      for (let place = from + shortest; place <= to - shortest; place++)
        if (costAt(place) < costAt(bounds[at])) bounds[at] = place
      moved ||= bounds[at] !== cut
    }
  }
  return bounds.slice(1, -1)
}

/** Takes back the weakest step until every one left is worth reporting; places and levels are found anew each time. */
function prune(
  series: readonly number[],
  found: readonly number[],
  shortest: number,
  worthReporting: (step: ChangePoint) => boolean,
): ChangePoint[] {
  const cuts = placed(series, found, shortest)
  const bounds = [0, ...cuts, series.length]
  const levels = bounds.slice(1).map((end, index) => medianOfSorted(sortedFinite(series.slice(bounds[index], end))))
  const steps = cuts.map((index, place): ChangePoint => {
    const before = levels[place]
    const after = levels[place + 1]
    const shift = before === after ? 0 : before === 0 ? null : (after - before) / Math.abs(before)
    return { index, before, after, shift }
  })
  const failing = steps.filter(
    (step, place) => !worthReporting(step) || isPadded(series, bounds, place + 1, step, shortest),
  )
  if (failing.length === 0) return steps
  const weakest = failing.reduce((a, b) => (Math.abs(b.after - b.before) < Math.abs(a.after - a.before) ? b : a))
  return prune(
    series,
    cuts.filter((cut) => cut !== weakest.index),
    shortest,
    worthReporting,
  )
}

/**
 * Did a stretch reach the shortest length only by taking in a point of its neighbour? Where that length does not bind,
 * the points at a cut are on the side they are nearer to.
 */
function isPadded(
  series: readonly number[],
  bounds: readonly number[],
  cut: number,
  step: ChangePoint,
  shortest: number,
): boolean {
  const nearerBefore = (value: number): boolean => Math.abs(value - step.before) < Math.abs(value - step.after)
  const first = series[bounds[cut]]
  const last = series[bounds[cut] - 1]
  if (bounds[cut + 1] - bounds[cut] === shortest && nearerBefore(first)) return true
  return bounds[cut] - bounds[cut - 1] === shortest && !nearerBefore(last)
}
