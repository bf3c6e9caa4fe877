import { NativeSelect } from '@mantine/core'
import { useMemo } from 'react'
import { metricMeaning, type SweepDocument, type SweepRow } from '../../../main/contract/index.ts'
import type { Axis } from '../../charts/line.ts'
import { LineChart } from '../../charts/line-chart.tsx'
import { fieldText } from '../../format/field-text.ts'
import { ABSENT, formatMetric } from '../../format/quantity.ts'
import { type AxisValue, valueText } from '../../format/sweep-axis.ts'
import { laneLook } from '../../lane-colour.ts'
import { useScheme } from '../../shell/colour-scheme-switch.tsx'
import { Panel } from '../../shell/panel.tsx'
import { fieldChoices } from '../new-sweep/field-choices.ts'
import { axisAt, pinAt, pinName } from './place.ts'
import { bestRow, pointsAlong, type Scale, scaleOf } from './reading.ts'

interface AxisChartProps {
  document: SweepDocument
  rows: readonly SweepRow[]
  lanes: readonly string[]
  metric: string
  place: URLSearchParams
  choose: (choices: Record<string, string | null>) => void
}

/** Beyond, the chart chooses its ticks itself. */
const MOST_TICKS = 24
/** Of a line, to be drawn one by one. */
const MOST_MARKS = 60

/** One metric along one axis, a line for each lane; of the other axes one value each. */
export function AxisChart({ document, rows, lanes, metric, place, choose }: AxisChartProps) {
  const scheme = useScheme()
  const { axes } = document.sweep
  const { unit: metricUnit, better } = document.metrics[metric]
  const along = axisAt(place, axes)
  const best = useMemo(() => bestRow(rows, metric, better), [rows, metric, better])
  const pinned = axes.map((axis, index) => pinAt(place, axis) ?? best?.values[index] ?? axis.values[0])
  const { field, values } = axes[along]
  const scale = useMemo(() => scaleOf(values), [values])
  const unit = useMemo(() => unitOf(document.spec, field), [document.spec, field])
  const lines = lanes.map((name, lane) => {
    const points = pointsAlong(rows, { axis: along, lane, pinned, metric, scale })
    return { name, ...laneLook(lane, scheme), points, marks: points.length <= MOST_MARKS }
  })
  const many = axes.flatMap((axis, index) => (axis.values.length > 1 ? [{ ...axis, index }] : []))
  return (
    <Panel
      title={`${metric} by ${fieldText(field)}`}
      lead={`${metricMeaning(metric) ?? ''} ${better === 'higher' ? 'Higher' : 'Lower'} is better; medians over the trials of a lane.`}
      controls={
        <>
          <NativeSelect
            size="xs"
            label="Metric"
            value={metric}
            data={Object.keys(document.metrics).sort()}
            onChange={({ currentTarget }) => choose({ metric: currentTarget.value, sort: null })}
          />
          {many.length > 1 && (
            <NativeSelect
              size="xs"
              label="Along"
              value={field}
              data={many.map((axis) => ({ value: axis.field, label: fieldText(axis.field) }))}
              onChange={({ currentTarget }) => choose({ along: currentTarget.value })}
            />
          )}
          {many
            .filter(({ index }) => index !== along)
            .map((axis) => (
              <NativeSelect
                key={axis.index}
                size="xs"
                label={`at ${fieldText(axis.field)}`}
                value={valueText(pinned[axis.index])}
                data={axis.values.map(valueText)}
                onChange={({ currentTarget }) => choose({ [pinName(axis.field)]: currentTarget.value })}
              />
            ))}
        </>
      }
    >
      <LineChart
        name={`${metric} by ${field}`}
        lines={lines}
        x={xAxis(unit === null ? fieldText(field) : `${fieldText(field)} (${unit})`, values, scale)}
        y={{
          kind: 'linear',
          title: metric,
          format: (value) => formatMetric(value, metricUnit),
          binary: metricUnit === 'bytes',
        }}
        table={() => ({
          columns: [fieldText(field), ...lanes],
          rows: values.map((value) => [
            valueText(value),
            ...lines.map(({ points }) => {
              const point = points.find(({ x }) => x === scale.place(value))
              return point ? formatMetric(point.y, metricUnit) : ABSENT
            }),
          ]),
        })}
        empty={lines.every(({ points }) => points.length === 0) ? 'No point with these values has this figure.' : null}
      />
    </Panel>
  )
}

/** What a field is counted in; null where it is no number with a unit. */
const unitOf = (spec: SweepDocument['spec'], field: string): string | null =>
  fieldChoices(spec, new Map()).find(({ path }) => path === field)?.unit ?? null

function xAxis(title: string, values: readonly AxisValue[], { kind, place }: Scale): Axis {
  if (kind === 'names')
    return {
      kind: 'linear',
      title,
      format: (at) => (Number.isInteger(at) && values[at] !== undefined ? valueText(values[at]) : ''),
      min: -0.5,
      max: values.length - 0.5,
      ticks: values.map((_, at) => at),
      named: true,
    }
  const numbers = values.map((value) => place(value) ?? 0).sort((a, b) => a - b)
  const [min, max] = [numbers[0], numbers[numbers.length - 1]]
  return {
    kind,
    title,
    format: String,
    // One value alone stands in the middle.
    min: min < max ? min : undefined,
    max: min < max ? max : undefined,
    ...(numbers.length <= MOST_TICKS && { ticks: numbers, crowded: true }),
  }
}
