import { NativeSelect, SegmentedControl, Stack } from '@mantine/core'
import { useMemo } from 'react'
import { type LaneReport, type Observer, PERCENTILES, type RunCharts } from '../../../main/contract/index.ts'
import type { Axis } from '../../charts/line.ts'
import { LineChart } from '../../charts/line-chart.tsx'
import { ABSENT, formatNs } from '../../format/quantity.ts'
import { laneLook } from '../../lane-colour.ts'
import { useScheme } from '../../shell/colour-scheme-switch.tsx'
import { Panel } from '../../shell/panel.tsx'
import { usePlace } from '../../shell/use-place.ts'
import { costOfLooking, latenciesOf, latencyTitle, tailPlace, usualLatency, valueAtQuantile } from './latency.ts'
import { PercentileTable } from './percentile-table.tsx'

type Shape = 'whole' | 'tail'

const LATENCY: Axis = { kind: 'log', title: 'latency (logarithmic)', format: formatNs }
const QUANTILE: Record<Shape, Axis> = {
  whole: {
    kind: 'linear',
    title: 'share of events at most this slow',
    format: (quantile) => `${Math.round(quantile * 100)} %`,
    min: 0,
    max: 1,
    ticks: [0, 0.25, 0.5, 0.75, 1],
  },
  tail: {
    kind: 'linear',
    title: 'percentile',
    format: (place) => `p${Number((100 * (1 - 10 ** -place)).toFixed(Math.max(0, Math.ceil(place) - 2 + 1)))}`,
    min: 0,
    ticks: [0, 1, 2, 3, 4, 5],
  },
}

interface LatencyPanelProps {
  lanes: readonly LaneReport[]
  charts: RunCharts | undefined
  observer: Observer | null
}

/** How slow, how often: the distribution of one latency for all lanes, and its percentiles. */
export function LatencyPanel({ lanes, charts, observer }: LatencyPanelProps) {
  const scheme = useScheme()
  const families = useMemo(() => latenciesOf(lanes, charts), [lanes, charts])
  const [place, choose] = usePlace()
  const chosen = place.get('latency')
  const shape: Shape = place.get('quantiles') === 'tail' ? 'tail' : 'whole'
  const family = chosen !== null && families.includes(chosen) ? chosen : usualLatency(families)

  const distributions = useMemo(
    () =>
      lanes.map(({ label }) =>
        charts?.lanes
          .find((lane) => lane.label === label)
          ?.distributions.find((distribution) => distribution.metric === family),
      ),
    [lanes, charts, family],
  )
  const lines = useMemo(
    () =>
      lanes.map(({ label }, index) => ({
        name: label,
        ...laneLook(index, scheme),
        points: (distributions[index]?.points ?? [])
          .filter(({ ns, quantile }) => ns > 0 && (shape === 'whole' || quantile < 1))
          .map(({ ns, quantile }) => ({ x: ns, y: shape === 'whole' ? quantile : tailPlace(quantile) })),
      })),
    [lanes, distributions, scheme, shape],
  )
  const name = `${latencyTitle(family)}: cumulative distribution of latency`
  return (
    <Panel
      title="Latency"
      lead="All valid trials of each lane, warm-up left out. Further left is faster; a steeper line is steadier."
      controls={
        <>
          <NativeSelect
            size="xs"
            aria-label="Latency of"
            value={family}
            onChange={({ currentTarget }) => choose({ latency: currentTarget.value })}
            data={families.map((value) => ({ value, label: latencyTitle(value) }))}
          />
          <SegmentedControl
            size="xs"
            aria-label="Quantile axis"
            value={shape}
            onChange={(value) => choose({ quantiles: value === 'tail' ? value : null })}
            data={[
              { value: 'whole', label: 'Whole' },
              { value: 'tail', label: 'Tail' },
            ]}
          />
        </>
      }
    >
      <Stack gap="md">
        <LineChart
          name={name}
          lines={lines}
          x={LATENCY}
          y={QUANTILE[shape]}
          height={340}
          empty={lines.every(({ points }) => points.length === 0) ? 'No such event in any lane.' : null}
          table={() => ({
            columns: ['Percentile', ...lanes.map(({ label }) => label)],
            rows: PERCENTILES.map(({ title, quantile }) => [
              title,
              ...distributions.map((distribution) => {
                const ns = distribution ? valueAtQuantile(distribution.points, quantile) : null
                return ns === null ? ABSENT : formatNs(ns)
              }),
            ]),
          })}
        />
        <PercentileTable
          lanes={lanes}
          family={family}
          distributions={distributions}
          cost={costOfLooking(family, observer)}
        />
      </Stack>
    </Panel>
  )
}
