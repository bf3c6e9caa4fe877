import {
  Chart as ChartJs,
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
import { useScheme } from '../shell/colour-scheme-switch.tsx'
import { ChartFrame } from './chart-frame.tsx'
import type { ChartTable } from './chart-table.tsx'
import type { LegendEntry } from './legend.tsx'
import type { Axis, Line } from './line.ts'
import { datasets } from './line-datasets.ts'
import { lineOptions } from './line-options.ts'
import { Plot } from './plot.tsx'
import { type Range, wholeOf, within } from './range.ts'
import { type Rule, rulesPlugin, type Span } from './rules.ts'
import { everyLine } from './tooltip.ts'

Interaction.modes.everyLine = everyLine
ChartJs.register(LineController, LineElement, PointElement, LinearScale, LogarithmicScale, Tooltip, Filler, rulesPlugin)

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
