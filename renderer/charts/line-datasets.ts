import type { Scheme } from '../lane-colour.ts'
import { TEXT } from '../theme.ts'
import { decimate } from './decimate.ts'
import type { Line } from './line.ts'

const MARKERS_PER_LINE = 7

/**
 * A line, and the few markers that carry its shape as a set of their own: a radius per point would make Chart.js work out
 * the options of every single point, a hundred times the cost.
 */
export function datasets(line: Line, scheme: Scheme) {
  const points = decimate(line.points)
  const warm = points.some(({ warmup }) => warmup)
  const grey = `${TEXT[scheme].dimmed}80`
  const colours = { label: line.name, borderColor: line.colour, backgroundColor: line.colour }
  const drawn = {
    ...colours,
    data: [...points],
    borderDash: [...line.dash],
    borderWidth: 2,
    ...pointsOf(line),
    showLine: !line.ring,
    pointStyle: line.point ?? ('circle' as const),
    // A marker at the edge is drawn whole.
    clip: 8,
    segment: warm
      ? {
          borderColor: ({ p0DataIndex }: { p0DataIndex: number }) => (points[p0DataIndex]?.warmup ? grey : undefined),
        }
      : undefined,
  }
  if (line.to) {
    const end = { ...drawn, borderWidth: 0 }
    return [
      { ...end, label: `${line.name}, low end`, fill: '+1' },
      { ...end, label: `${line.name}, high end`, data: [...decimate(line.to)] },
    ]
  }
  if (!line.point || line.marks || line.ring) return [drawn]
  const every = Math.max(1, Math.floor(points.length / MARKERS_PER_LINE))
  const markers = points.filter(({ warmup }, at) => !warmup && at % every === Math.floor(every / 2))
  return [
    drawn,
    {
      ...colours,
      data: [...markers],
      showLine: false,
      pointStyle: line.point,
      pointRadius: 4,
      pointHitRadius: 0,
      clip: 8,
    },
  ]
}

/** Points of a line by themselves: none, each a sample, or a ring around what another line draws. */
function pointsOf({ marks, ring }: Line) {
  if (ring)
    return {
      pointRadius: 8,
      pointHoverRadius: 8,
      pointHitRadius: 0,
      pointBackgroundColor: 'transparent',
      pointBorderWidth: 2,
    }
  return {
    pointRadius: marks ? 3 : 0,
    pointHoverRadius: marks ? 5 : 3,
    pointHitRadius: 6,
    pointBackgroundColor: undefined,
    pointBorderWidth: undefined,
  }
}
