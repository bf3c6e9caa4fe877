import { List } from '@mantine/core'
import { useMemo } from 'react'
import { metricMeaning, type RunCharts } from '../../../main/contract/index.ts'
import { StackedBars } from '../../charts/stacked-bars.tsx'
import { ABSENT, formatCount, formatNs, formatShare } from '../../format/quantity.ts'
import { inTierOrder, pathColour, pathTitle } from '../../lane-colour.ts'
import { useScheme } from '../../shell/colour-scheme-switch.tsx'
import { Panel } from '../../shell/panel.tsx'

/** Where fault time goes: the sum over a trial by the path that served the fault, median of the trials. */
export function FaultTimePanel({ charts }: { charts: RunCharts }) {
  const scheme = useScheme()
  const paths = useMemo(
    () => inTierOrder(new Set(charts.lanes.flatMap((lane) => lane.faultTime.map(({ path }) => path)))),
    [charts],
  )
  const rows = useMemo(() => charts.lanes.map(({ label }) => label), [charts])
  const parts = useMemo(
    () =>
      paths.map((path, index) => ({
        name: pathTitle(path),
        colour: pathColour(path, index, scheme),
        values: charts.lanes.map((lane) => lane.faultTime.find((entry) => entry.path === path)?.ns ?? 0),
      })),
    [charts, paths, scheme],
  )
  return (
    <Panel
      title="Where fault time goes"
      lead="Time spent in faults during one trial, by the path that served them: the median of the trials, without warm-up."
    >
      <StackedBars
        name="Fault time by path"
        rows={rows}
        parts={parts}
        axisTitle="time in faults, per trial"
        format={formatNs}
        empty={paths.length === 0 ? 'No fault was measured.' : null}
        table={() => ({
          columns: ['Lane', ...paths.map(pathTitle), 'Total'],
          rows: charts.lanes.map(({ label, faultTime }) => {
            const total = faultTime.reduce((sum, { ns }) => sum + ns, 0)
            return [
              label,
              ...paths.map((path) => {
                const entry = faultTime.find((part) => part.path === path)
                if (!entry) return ABSENT
                return `${formatNs(entry.ns)} (${formatShare(total > 0 ? entry.ns / total : 0)}, ${formatCount(entry.count)} faults)`
              }),
              formatNs(total),
            ]
          }),
        })}
      />
      <List size="xs" c="dimmed" mt="xs">
        {paths.flatMap((path) => {
          const meaning = metricMeaning(`fault.${path}.ns`)
          return meaning ? [<List.Item key={path}>{`${pathTitle(path)}: ${meaning}`}</List.Item>] : []
        })}
      </List>
    </Panel>
  )
}
