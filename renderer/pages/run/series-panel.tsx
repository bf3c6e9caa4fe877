import { NativeSelect } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { RunDocument } from '../../../main/contract/index.ts'
import type { Axis } from '../../charts/line.ts'
import { LineChart } from '../../charts/line-chart.tsx'
import { ABSENT } from '../../format/quantity.ts'
import { queries } from '../../lab-client.ts'
import { laneLook } from '../../lane-colour.ts'
import { useScheme } from '../../shell/colour-scheme-switch.tsx'
import { ErrorAlert } from '../../shell/fault-alert.tsx'
import { Panel } from '../../shell/panel.tsx'
import { usePlace } from '../../shell/use-place.ts'
import { QUANTITIES, seriesPoints, topOf } from './series.ts'

const TIME: Axis = {
  kind: 'linear',
  title: 'seconds since the start of the trial',
  format: (seconds) => String(Math.round(seconds * 10) / 10),
  inTip: (seconds) => `${seconds.toFixed(1)}\u00a0s`,
  min: 0,
}
const TABLE_ROWS = 20

/** One quantity over one block, a trial of every lane; the warm-up is grey. */
export function SeriesPanel({ document: { run, lanes } }: { document: RunDocument }) {
  const scheme = useScheme()
  const blocks = Math.max(0, ...lanes.flatMap(({ trials }) => trials.map(({ block }) => block + 1)))
  const [place, choose] = usePlace()
  const asked = Number(place.get('block') ?? 1) - 1
  const block = Number.isInteger(asked) && asked >= 0 && asked < blocks ? asked : 0
  const series = useQuery(
    queries.runs.series.queryOptions({
      input: { id: run.id, block },
      staleTime: Number.POSITIVE_INFINITY,
      placeholderData: keepPreviousData,
    }),
  )
  const quantity = QUANTITIES.find(({ name }) => name === place.get('series')) ?? QUANTITIES[0]
  const lines = useMemo(
    () =>
      lanes.map(({ label }, at) => ({
        name: label,
        ...laneLook(at, scheme),
        points: seriesPoints(series.data?.lanes[at]?.samples ?? [], quantity),
      })),
    [lanes, series.data, quantity, scheme],
  )
  const top = useMemo(() => topOf(lines, quantity), [lines, quantity])
  const y = useMemo<Axis>(
    () => ({
      kind: 'linear',
      title: quantity.axis,
      format: quantity.format,
      binary: quantity.binary,
      max: top ?? undefined,
    }),
    [quantity, top],
  )
  return (
    <Panel
      title="Over time"
      lead={`One block: a trial of each lane. Warm-up is grey and left out of every figure${top === null ? '' : '; here it goes beyond the top'}.`}
      controls={
        <>
          <NativeSelect
            size="xs"
            aria-label="Quantity over time"
            value={quantity.name}
            onChange={({ currentTarget }) => choose({ series: currentTarget.value })}
            data={QUANTITIES.map(({ name, title }) => ({ value: name, label: title }))}
          />
          <NativeSelect
            size="xs"
            aria-label="Block"
            value={String(block + 1)}
            onChange={({ currentTarget }) => choose({ block: currentTarget.value })}
            data={Array.from({ length: blocks }, (_, at) => ({ value: String(at + 1), label: `Block ${at + 1}` }))}
          />
        </>
      }
    >
      {series.error && (
        <ErrorAlert title="The time series could not be loaded" error={series.error} onRetry={() => series.refetch()} />
      )}
      <LineChart
        name={`${quantity.title} over time, block ${block + 1}`}
        lines={lines}
        x={TIME}
        y={y}
        height={300}
        empty={
          lines.some(({ points }) => points.length > 0)
            ? null
            : series.data
              ? 'No time series was kept of this block.'
              : 'Waiting for the time series…'
        }
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
