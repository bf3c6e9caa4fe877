import { Box, Button } from '@mantine/core'
import type { Chart as ChartJs, Scale } from 'chart.js'
import { type KeyboardEvent, type PointerEvent, type ReactNode, type RefObject, useRef, useState } from 'react'
import type { Point } from './decimate.ts'
import { cursorAfter, inside, placesApart, type Range, zoomed } from './range.ts'
import { nearestOfLines } from './tooltip.ts'

/** A drag shorter than this is a click, px. */
const SHORTEST_DRAG = 8
/** Of the keyboard, px. */
const SHORTEST_STEP = 8

interface PlotProps {
  name: string
  chart: RefObject<ChartJs<'line'> | null>
  /** What is shown of the x axis; null: all. */
  range: Range | null
  /** All that there is of it. */
  whole: Range
  onRange: (range: Range | null) => void
  /** A tooltip's line of text, for whoever cannot see it. */
  read: (x: number, values: readonly { name: string; y: number }[]) => string
  /** Of a place of the x axis. */
  onOpen?: (x: number) => void
  children: ReactNode
}

/** A chart of lines to be looked at closely: drag over a part to see it alone; with the keyboard, go from value to value. */
export function Plot({ name, chart, range, whole, onRange, read, onOpen, children }: PlotProps) {
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null)
  const [said, say] = useState('')
  const cursor = useRef<number | null>(null)

  const placeOf = ({ clientX, currentTarget }: PointerEvent<HTMLElement>): number => {
    const area = chart.current?.chartArea ?? { left: 0, right: 0 }
    const x = clientX - currentTarget.getBoundingClientRect().left
    return Math.min(area.right, Math.max(area.left, x))
  }
  const valueAt = (place: number) => chart.current?.scales.x.getValueForPixel(place) ?? 0
  const openUnder = (event: Event) => {
    const { current: shown } = chart
    const [under] = shown?.getElementsAtEventForMode(event, 'nearest', { intersect: true }, false) ?? []
    if (shown && under) onOpen?.(pointOf(shown.data.datasets[under.datasetIndex].data[under.index]).x)
  }
  const end = ({ nativeEvent }: PointerEvent<HTMLElement>) => {
    if (drag && Math.abs(drag.to - drag.from) >= SHORTEST_DRAG) {
      const [min, max] = [drag.from, drag.to].map(valueAt).sort((a, b) => a - b)
      onRange({ min, max })
    } else if (drag) openUnder(nativeEvent)
    setDrag(null)
  }
  const point = (to: number | null) => {
    const { current: shown } = chart
    cursor.current = to
    if (!shown) return
    const at = to === null ? [] : elementsAt(shown, to)
    const x = to === null ? 0 : shown.scales.x.getPixelForValue(to)
    const active = at.map(({ datasetIndex, index }) => ({ datasetIndex, index }))
    shown.setActiveElements(active)
    shown.tooltip?.setActiveElements(active, { x, y: (shown.chartArea.top + shown.chartArea.bottom) / 2 })
    shown.update('none')
    say(to === null || at.length === 0 ? '' : read(to, at))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const { current: shown } = chart
    if (!shown || event.ctrlKey || event.metaKey || event.altKey) return
    const next = cursorAfter(event.key, cursor.current, stepsOf(shown))
    if (next !== undefined) point(next)
    else if (event.key === 'Enter' && onOpen && cursor.current !== null) onOpen(cursor.current)
    else if (event.key === '+' || event.key === '=') onRange(zoomedOn(shown.scales.x, 0.5, cursor.current))
    else if (event.key === '-' && range) onRange(inside(zoomedOn(shown.scales.x, 2, cursor.current), whole))
    else if (event.key === '0' || event.key === 'Escape') onRange(null)
    else return
    event.preventDefault()
  }
  return (
    <Box
      className="plot"
      h="100%"
      pos="relative"
      role="application"
      aria-label={`${name}: left and right read its values, plus and minus zoom, 0 shows all${onOpen ? ', Enter opens' : ''}`}
      tabIndex={0}
      onKeyDown={onKeyDown}
      onBlur={() => cursor.current !== null && point(null)}
      onPointerDown={(event: PointerEvent<HTMLElement>) => {
        // A finger scrolls the page.
        if (event.pointerType === 'touch' || event.button !== 0 || event.target instanceof HTMLButtonElement) return
        event.currentTarget.setPointerCapture(event.pointerId)
        const from = placeOf(event)
        setDrag({ from, to: from })
      }}
      onPointerMove={(event: PointerEvent<HTMLElement>) => drag && setDrag({ ...drag, to: placeOf(event) })}
      onPointerUp={end}
      onPointerCancel={() => setDrag(null)}
      onDoubleClick={() => onRange(null)}
    >
      {children}
      {drag && (
        <div
          className="plot-drag"
          style={{ left: Math.min(drag.from, drag.to), width: Math.abs(drag.to - drag.from) }}
        />
      )}
      {range && (
        <Button className="plot-whole" size="compact-xs" variant="default" onClick={() => onRange(null)}>
          Show all
        </Button>
      )}
      <div className="unseen" role="status">
        {said}
      </div>
    </Box>
  )
}

/** Of what a tooltip tells: lines and marks, not what is drawn upon them. */
const toldSets = ({ data: { datasets } }: ChartJs<'line'>) =>
  datasets.flatMap(({ label = '', data, showLine }, datasetIndex) =>
    showLine === false ? [] : [{ name: label, datasetIndex, points: data.map(pointOf) }],
  )

const NOWHERE: Point = { x: Number.NaN, y: Number.NaN }

const pointOf = (point: ChartJs<'line'>['data']['datasets'][number]['data'][number]): Point =>
  point !== null && typeof point === 'object' && point.x !== null && point.y !== null
    ? { x: point.x, y: point.y }
    : NOWHERE

const placesOf = (chart: ChartJs<'line'>): number[] =>
  [...new Set(toldSets(chart).flatMap(({ points }) => points.map(({ x }) => x)))].sort((a, b) => a - b)

function stepsOf(chart: ChartJs<'line'>): readonly number[] {
  const { x } = chart.scales
  const shown = placesOf(chart).filter((place) => place >= x.min && place <= x.max)
  return placesApart(shown, (place) => x.getPixelForValue(place), SHORTEST_STEP)
}

/** As under the pointer. */
const elementsAt = (chart: ChartJs<'line'>, x: number) =>
  nearestOfLines(chart, chart.scales.x.getPixelForValue(x)).flatMap(({ datasetIndex, index }) => {
    const { label = '', data, showLine } = chart.data.datasets[datasetIndex]
    return showLine === false ? [] : [{ name: label, datasetIndex, index, y: pointOf(data[index]).y }]
  })

/** As far as it looks, on a logarithmic axis too. */
function zoomedOn(axis: Scale, factor: number, around: number | null): Range {
  const { min, max } = zoomed(
    { min: axis.left, max: axis.right },
    factor,
    around === null ? null : axis.getPixelForValue(around),
  )
  return { min: axis.getValueForPixel(min) ?? axis.min, max: axis.getValueForPixel(max) ?? axis.max }
}
