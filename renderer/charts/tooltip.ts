import type { Chart, InteractionItem, InteractionModeFunction } from 'chart.js'
import { GROUND, type Scheme } from '../lane-colour.ts'
import { TEXT } from '../theme.ts'

declare module 'chart.js' {
  interface InteractionModeMap {
    everyLine: InteractionModeFunction
  }
}

/** px from the pointer at which a line's nearest point is still told: one that has ended before tells nothing here. */
const FARTHEST = 16

/** Of each line the point nearest to the pointer: lanes have points at other places, and are still read beside one another. */
export const everyLine: InteractionModeFunction = (chart, { x, y }) => {
  const { left, right, top, bottom } = chart.chartArea
  return x === null || y === null || x < left || x > right || y < top || y > bottom ? [] : nearestOfLines(chart, x)
}

/** @param x px */
export const nearestOfLines = (chart: Pick<Chart, 'getSortedVisibleDatasetMetas'>, x: number): InteractionItem[] =>
  chart.getSortedVisibleDatasetMetas().flatMap(({ index: datasetIndex, data }) => {
    const index = nearest(data, x)
    const element = data[index]
    return element && Math.abs(element.x - x) <= FARTHEST ? [{ element, datasetIndex, index }] : []
  })

/** Index of the nearest of points that stand from left to right. */
function nearest(points: readonly { x: number }[], x: number): number {
  let [low, high] = [0, points.length - 1]
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (points[middle].x < x) low = middle
    else high = middle
  }
  return high > 0 && Math.abs(points[high].x - x) < Math.abs(points[low].x - x) ? high : low
}

/** Paper of the page with an edge: what lies below it does not shine through. */
export const tooltipLook = (scheme: Scheme) => ({
  animation: false as const,
  backgroundColor: GROUND[scheme],
  titleColor: TEXT[scheme].plain,
  bodyColor: TEXT[scheme].plain,
  borderColor: TEXT[scheme].dimmed,
  borderWidth: 1,
})
