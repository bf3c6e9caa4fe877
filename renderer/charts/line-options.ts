import type { ChartOptions } from 'chart.js'
import { GROUND, type Scheme } from '../lane-colour.ts'
import { GRID, TEXT } from '../theme.ts'
import type { Axis } from './line.ts'
import { type Rule, SPANS_HEIGHT, type Span } from './rules.ts'
import { niceTicks, tickLabel, ticksApart } from './ticks.ts'
import { tooltipLook } from './tooltip.ts'

/** Chart.js's options of a line chart: scales with ticks where they say something, and tooltips in the words of the axes. */

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

interface Drawn {
  x: Axis
  y: Axis
  rules: readonly Rule[]
  spans: readonly Span[]
  scheme: Scheme
}

export function lineOptions({ x, y, rules, spans, scheme }: Drawn): ChartOptions<'line'> {
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
