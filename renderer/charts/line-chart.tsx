import {
  Chart as ChartJs,
  type ChartOptions,
  Filler,
  Interaction,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  Tooltip,
} from 'chart.js'
import { useMemo, useRef, useState } from 'react'
import { Chart } from 'react-chartjs-2'
import { GROUND, type PointShape, type Scheme } from '../lane-colour.ts'
import { useScheme } from '../shell/colour-scheme-switch.tsx'
import { TEXT } from '../theme.ts'
import { ChartFrame } from './chart-frame.tsx'
import type { ChartTable } from './chart-table.tsx'
import { decimate, type Point } from './decimate.ts'
import type { LegendEntry } from './legend.tsx'
import { Plot } from './plot.tsx'
import { type Range, wholeOf, within } from './range.ts'
import { type Rule, rulesPlugin, SPANS_HEIGHT, type Span } from './rules.ts'
import { niceTicks, tickLabel, ticksApart } from './ticks.ts'
import { everyLine, tooltipLook } from './tooltip.ts'

Interaction.modes.everyLine = everyLine
ChartJs.register(LineController, LineElement, PointElement, LinearScale, LogarithmicScale, Tooltip, Filler, rulesPlugin)

export interface LinePoint extends Point {
  /** Warm-up: drawn grey, never mixed in. */
  warmup?: boolean
}
export interface Line {
  name: string
  colour: string
  dash: readonly number[]
  point?: PointShape
  points: readonly LinePoint[]
  /** Every point is a sample of its own, and drawn as one. */
  marks?: boolean
  /** No line: a ring around each point, over the others. */
  ring?: boolean
  /** No line: the area from `points` up to these. */
  to?: readonly LinePoint[]
}
export interface Axis {
  kind: 'linear' | 'log'
  title: string
  /** A tick's label, in one or more lines. */
  format: (value: number) => string
  /** As a tooltip says it, where the ticks leave the unit to the title. */
  inTip?: (value: number) => string
  min?: number
  max?: number
  /** Bytes: ticks at round KiB, MiB, …; linear axes that start at 0 only. */
  binary?: boolean
  /** From the least value to the greatest, not from 0: where a change of a percent must be seen. */
  tight?: boolean
  /** Ticks at whole numbers alone: what is counted has nothing between them. */
  whole?: boolean
  /** Exact places of the ticks; else the chart chooses. */
  ticks?: readonly number[]
  /** Only some of it is shown, perhaps less than a decade. */
  part?: boolean
  /** Places have names instead of figures: told as they are, and turned where they do not fit beside one another. */
  named?: boolean
  /** `ticks` that do not fit beside one another are left out. Otherwise they do fit. */
  crowded?: boolean
}

interface LineChartProps {
  name: string
  lines: readonly Line[]
  x: Axis
  y: Axis
  /** Vertical lines over the chart, from left to right. */
  rules?: readonly Rule[]
  /** Lines above the chart. */
  spans?: readonly Span[]
  height?: number
  table: () => ChartTable
  /** Opens what stands at a place of the x axis: by a click on a point, or Enter at the value that is read. */
  onOpen?: (x: number) => void
  /** Name of the line that is drawn at first, the others when they are asked for; without it all are. */
  alone?: string
  /** Shown instead of the chart when there is nothing to draw. */
  empty?: string | null
}

const NO_RULES: readonly Rule[] = []
const NO_SPANS: readonly Span[] = []
const NOTHING: ReadonlySet<string> = new Set()
export const GRID = { light: '#d9dde2', dark: '#3a4047' } as const satisfies Record<Scheme, string>
const MARKERS_PER_LINE = 7

/** Lines over a linear or logarithmic axis, at most 400 points each, without animation; a part of it can be seen alone, with points of its own. */
export function LineChart({
  name,
  lines,
  x,
  y,
  rules = NO_RULES,
  spans = NO_SPANS,
  height = 300,
  table,
  onOpen,
  alone,
  empty,
}: LineChartProps) {
  const scheme = useScheme()
  const chart = useRef<ChartJs<'line'>>(null)
  const [hidden, hide] = useState<ReadonlySet<string>>(() =>
    alone === undefined ? NOTHING : toggled(NOTHING, alone, lines),
  )
  // A part of one axis is none of another.
  const [part, setPart] = useState<{ of: string; range: Range } | null>(null)
  const range = part?.of === x.title ? part.range : null
  const shown = useMemo(() => lines.filter(({ name: line }) => !hidden.has(line)), [lines, hidden])
  const data = useMemo(
    () => ({ datasets: shown.flatMap((line) => datasets(partOfLine(line, range), scheme)) }),
    [shown, range, scheme],
  )
  const options = useMemo(
    () => lineOptions({ x: partOf(x, range), y, rules, spans, scheme }),
    [x, range, y, rules, spans, scheme],
  )
  const whole = useMemo(() => wholeOf(lines, x), [lines, x])
  const inTip = (axis: Axis, value: number) => (axis.inTip ?? axis.format)(value)
  return (
    <ChartFrame
      {...{ name, height, table, empty, hidden }}
      legend={lines.map(legendEntry)}
      onToggle={(line, alone) => hide(toggled(hidden, line, alone ? lines : null))}
    >
      <Plot
        {...{ name, chart, range, whole, onOpen }}
        onRange={(next) => setPart(next && { of: x.title, range: next })}
        read={(at, values) =>
          `${inTip(x, at)}: ${values.map(({ name: line, y: value }) => `${line} ${inTip(y, value)}`).join(', ')}`
        }
      >
        <Chart
          ref={chart}
          type="line"
          data={data}
          options={options}
          updateMode="none"
          role="img"
          aria-label={`Chart: ${name}`}
        />
      </Plot>
    </ChartFrame>
  )
}

/** @param all hide every other of these; once more shows them again */
function toggled(hidden: ReadonlySet<string>, name: string, all: readonly Line[] | null): ReadonlySet<string> {
  if (all === null) {
    const next = new Set(hidden)
    if (!next.delete(name)) next.add(name)
    return next
  }
  const others = all.flatMap((line) => (line.name === name ? [] : [line.name]))
  const alone = !hidden.has(name) && others.every((other) => hidden.has(other))
  return new Set(alone ? [] : others)
}

const partOfLine = (line: Line, range: Range | null): Line => ({
  ...line,
  points: within(line.points, range),
  to: line.to && within(line.to, range),
})

/** Of ticks in exact places, those of the part, as long as they say where it lies. */
function partOf(axis: Axis, range: Range | null): Axis {
  if (!range) return axis
  const ticks = axis.ticks?.filter((tick) => tick >= range.min && tick <= range.max)
  return { ...axis, ...range, ticks: ticks && ticks.length > 1 ? ticks : undefined, part: true }
}

const legendEntry = ({ name, colour, dash, point, ring, to }: Line): LegendEntry => ({
  name,
  colour,
  dash,
  point,
  as: ring ? 'ring' : to ? 'box' : 'line',
})

/**
 * A line, and the few markers that carry its shape as a set of their own: a radius per point would make Chart.js work out
 * the options of every single point, a hundred times the cost.
 */
function datasets(line: Line, scheme: Scheme) {
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

/** An axis of bytes on which there are none ends at a page, not at 1 B. */
const LEAST_BYTES = 4096

/** Of a tick's words and the gap behind them, px. */
const TICK_PX = 80

interface BuiltScale {
  min: number
  max: number
  ticks: { value: number; major?: boolean }[]
  chart: { width: number }
}

function scale(axis: Axis, scheme: Scheme) {
  return {
    type: axis.kind === 'log' ? ('logarithmic' as const) : ('linear' as const),
    min: axis.min,
    max: axis.max,
    title: { display: true, text: axis.title, color: TEXT[scheme].dimmed, font: { size: 12 } },
    grid: { color: GRID[scheme] },
    border: { color: TEXT[scheme].dimmed },
    afterBuildTicks: (built: BuiltScale) => {
      const ticks = axis.ticks ?? (axis.binary ? niceTicks(Math.max(built.max, LEAST_BYTES), 1024) : null)
      if (!ticks) {
        if (axis.kind === 'log' && axis.part) built.ticks = ticksApart(built.ticks, built, TICK_PX / built.chart.width)
        return
      }
      built.ticks = ticks.map((value) => ({ value }))
      // The scale ends at its last tick, which is above every value.
      if (axis.binary) built.max = ticks[ticks.length - 1]
    },
    ticks: {
      color: TEXT[scheme].dimmed,
      maxRotation: axis.named ? 60 : 0,
      autoSkip: !axis.ticks || axis.crowded,
      // Chart.js takes the ticks to reach from end to end; whole numbers may begin and end half a step inside.
      autoSkipPadding: axis.whole ? 24 : 8,
      ...(axis.whole && { precision: 0, includeBounds: false }),
      callback: (value: number | string) => {
        const number = Number(value)
        if (axis.kind === 'log' && !axis.ticks && !axis.part && !isDecade(number)) return ''
        return tickLabel(axis, number).split('\n')
      },
    },
  }
}

function isDecade(value: number): boolean {
  const exponent = Math.log10(value)
  return Math.abs(exponent - Math.round(exponent)) < 1e-9
}

interface Drawn extends Pick<LineChartProps, 'x' | 'y'>, Required<Pick<LineChartProps, 'rules' | 'spans'>> {
  scheme: Scheme
}

function lineOptions({ x, y, rules, spans, scheme }: Drawn): ChartOptions<'line'> {
  return {
    animation: false,
    parsing: false,
    normalized: true,
    responsive: true,
    maintainAspectRatio: false,
    layout: { padding: { top: spans.length > 0 ? SPANS_HEIGHT : 0 } },
    interaction: { mode: 'everyLine', intersect: false },
    scales: {
      x: scale(x, scheme),
      y: {
        ...scale(y, scheme),
        beginAtZero: y.kind === 'linear' && y.min === undefined && !y.tight,
        grace: y.tight ? '5%' : undefined,
      },
    },
    plugins: {
      rules: { rules, spans, colour: TEXT[scheme].dimmed, ground: GROUND[scheme] },
      tooltip: {
        ...tooltipLook(scheme),
        usePointStyle: true,
        // Markers stand for their line, which is in the list already.
        filter: ({ dataset: { showLine } }) => showLine !== false,
        callbacks: {
          title: (items) => (items[0] ? (x.inTip ?? x.format)(items[0].parsed.x ?? 0) : ''),
          label: ({ dataset: { label }, parsed }) => ` ${label}: ${(y.inTip ?? y.format)(parsed.y ?? 0)}`,
        },
      },
    },
  }
}
