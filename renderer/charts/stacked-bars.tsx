import {
  BarController,
  BarElement,
  CategoryScale,
  Chart as ChartJs,
  type ChartOptions,
  LinearScale,
  Tooltip,
} from 'chart.js'
import { useMemo } from 'react'
import { Chart } from 'react-chartjs-2'
import { GROUND } from '../lane-colour.ts'
import { useScheme } from '../shell/colour-scheme-switch.tsx'
import { GRID, TEXT } from '../theme.ts'
import { ChartFrame } from './chart-frame.tsx'
import type { ChartTable } from './chart-table.tsx'
import { roundLabel } from './ticks.ts'
import { tooltipLook } from './tooltip.ts'

ChartJs.register(BarController, BarElement, CategoryScale, LinearScale, Tooltip)

export interface BarPart {
  name: string
  colour: string
  /** One value per row. */
  values: readonly number[]
}

interface StackedBarsProps {
  name: string
  rows: readonly string[]
  parts: readonly BarPart[]
  axisTitle: string
  format: (value: number) => string
  table: () => ChartTable
  empty?: string | null
}

const ROW_HEIGHT = 44
const AXIS_HEIGHT = 52
const LONGEST_LABEL = 26

/** A name in lines short enough to stand beside the bars; words stay whole. */
function labelLines(name: string): string[] {
  const lines: string[] = []
  for (const word of name.split(' ')) {
    const last = lines[lines.length - 1]
    if (last !== undefined && last.length + word.length < LONGEST_LABEL) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word.length > LONGEST_LABEL ? `${word.slice(0, LONGEST_LABEL - 1)}…` : word)
  }
  return lines.length > 2 ? [lines[0], `${lines[1].slice(0, LONGEST_LABEL - 1)}…`] : lines
}

/** Horizontal bars, one per row, made of the same parts in the same order. */
export function StackedBars({ name, rows, parts, axisTitle, format, table, empty }: StackedBarsProps) {
  const scheme = useScheme()
  const data = useMemo(
    () => ({
      labels: rows.map(labelLines),
      datasets: parts.map((part) => ({
        label: part.name,
        data: part.values.map((value, row) => ({ x: value, y: row })),
        backgroundColor: part.colour,
        // The ground between the parts: neighbours stay apart without colour.
        borderColor: GROUND[scheme],
        borderWidth: { top: 0, bottom: 0, left: 0, right: 2 },
        borderSkipped: false as const,
        barThickness: 24,
      })),
    }),
    [rows, parts, scheme],
  )
  const options = useMemo<ChartOptions<'bar'>>(
    () => ({
      animation: false,
      parsing: false,
      indexAxis: 'y',
      responsive: true,
      maintainAspectRatio: false,
      scales: {
        x: {
          stacked: true,
          beginAtZero: true,
          title: { display: true, text: axisTitle, color: TEXT[scheme].dimmed },
          grid: { color: GRID[scheme] },
          ticks: {
            color: TEXT[scheme].dimmed,
            maxRotation: 0,
            autoSkipPadding: 12,
            callback: (value) => roundLabel(format(Number(value))),
          },
        },
        y: { stacked: true, grid: { display: false }, ticks: { color: TEXT[scheme].dimmed } },
      },
      plugins: {
        tooltip: {
          ...tooltipLook(scheme),
          callbacks: { label: ({ dataset: { label }, parsed }) => ` ${label}: ${format(parsed.x ?? 0)}` },
        },
      },
    }),
    [axisTitle, format, scheme],
  )
  return (
    <ChartFrame
      name={name}
      legend={parts.map(({ name: part, colour }) => ({ name: part, colour, as: 'box' }))}
      height={rows.length * ROW_HEIGHT + AXIS_HEIGHT}
      table={table}
      empty={empty}
    >
      <Chart type="bar" data={data} options={options} role="img" aria-label={`Chart: ${name}`} />
    </ChartFrame>
  )
}
