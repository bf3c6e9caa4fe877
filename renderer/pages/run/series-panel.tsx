import { NativeSelect } from '@mantine/core'
import { useMemo, useState } from 'react'
import { type ExperimentSpec, laneLabel, type RunCharts } from '../../../main/contract/index.ts'
import { type Axis, LineChart } from '../../charts/line-chart.tsx'
import { ABSENT } from '../../format/quantity.ts'
import { laneLook } from '../../lane-colour.ts'
import { useScheme } from '../../shell/colour-scheme-switch.tsx'
import { Panel } from '../../shell/panel.tsx'
import { QUANTITIES, seriesPoints } from './series.ts'

const TIME: Axis = {
  kind: 'linear',
  title: 'seconds since the start of the trial',
  format: (seconds) => String(Math.round(seconds * 10) / 10),
  min: 0,
}
const TABLE_ROWS = 20

/** One quantity over one trial of every lane; the warm-up is grey. */
export function SeriesPanel({ charts, spec }: { charts: RunCharts; spec: ExperimentSpec }) {
  const scheme = useScheme()
  const trials = Math.max(0, ...charts.lanes.map(({ series }) => series.length))
  const [trial, setTrial] = useState(0)
  const [chosen, choose] = useState(QUANTITIES[0].name)
  const quantity = QUANTITIES.find(({ name }) => name === chosen) ?? QUANTITIES[0]
  const lines = useMemo(
    () =>
      charts.lanes.map((lane, at) => {
        const place = spec.lanes.findIndex((entry) => laneLabel(entry) === lane.label)
        return {
          name: lane.label,
          ...laneLook(place < 0 ? at : place, scheme),
          points: seriesPoints(lane.series[trial]?.samples ?? [], quantity),
        }
      }),
    [charts, spec, trial, quantity, scheme],
  )
  const y = useMemo<Axis>(
    () => ({ kind: 'linear', title: quantity.axis, format: quantity.format, binary: quantity.binary }),
    [quantity],
  )
  return (
    <Panel
      title="Over time"
      lead="One trial of each lane. Warm-up is grey and left out of every figure."
      controls={
        <>
          <NativeSelect
            size="xs"
            aria-label="Quantity over time"
            value={quantity.name}
            onChange={({ currentTarget }) => choose(currentTarget.value)}
            data={QUANTITIES.map(({ name, title }) => ({ value: name, label: title }))}
          />
          <NativeSelect
            size="xs"
            aria-label="Trial"
            value={String(trial)}
            onChange={({ currentTarget }) => setTrial(Number(currentTarget.value))}
            data={Array.from({ length: trials }, (_, at) => ({ value: String(at), label: `Trial ${at + 1}` }))}
          />
        </>
      }
    >
      <LineChart
        name={`${quantity.title} over time, trial ${trial + 1}`}
        lines={lines}
        x={TIME}
        y={y}
        height={300}
        empty={lines.every(({ points }) => points.length === 0) ? 'No time series was kept.' : null}
        table={() => {
          const longest = Math.max(0, ...lines.map(({ points }) => points.length))
          const step = Math.max(1, Math.floor(longest / TABLE_ROWS))
          return {
            columns: ['Sample', ...lines.map(({ name }) => name)],
            rows: Array.from({ length: Math.ceil(longest / step) }, (_, row) => [
              String(row * step),
              ...lines.map(({ points: { [row * step]: point } }) =>
                point
                  ? `${quantity.format(point.y)} at ${TIME.format(point.x)} s${point.warmup ? ' (warm-up)' : ''}`
                  : ABSENT,
              ),
            ]),
          }
        }}
      />
    </Panel>
  )
}
