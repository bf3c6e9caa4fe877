import { Paper, Text } from '@mantine/core'
import { useMemo } from 'react'
import type { SweepDocument, SweepRow } from '../../../main/contract/index.ts'
import { formatMetric } from '../../format/quantity.ts'
import { axisText } from '../../format/sweep-axis.ts'
import { bestFirst, bestOfLanes, ordered, valuesTold } from './reading.ts'

interface BestPanelProps {
  document: SweepDocument
  rows: readonly SweepRow[]
  metric: string
  underWay: boolean
}

/** The answer, before any figure: what looks best, and what the other lanes come to at best. */
export function BestPanel({ document: { sweep, metrics }, rows, metric, underWay }: BestPanelProps) {
  const { unit, better } = metrics[metric]
  const [best, ...others] = useMemo(
    () => ordered([...bestOfLanes(rows, metric, better).values()], bestFirst(metric, metrics)),
    [rows, metric, better, metrics],
  )
  if (!best) return null
  const at = valuesTold(best, sweep.axes).map(axisText).join(', ')
  const figure = (row: SweepRow) => formatMetric(row.metrics[metric], unit)
  return (
    <Paper component="section" aria-label="Best" withBorder p="md" style={{ overflowWrap: 'anywhere' }}>
      <Text size="lg">
        {better === 'higher' ? 'Highest' : 'Lowest'} {metric}
        {underWay && ' so far'}:{' '}
        <Text span fw={700} inherit>
          {figure(best)}
        </Text>
        , {best.label}
        {at === '' ? ', in which nothing is varied' : ` at ${at}`}.
      </Text>
      <Text size="sm" c="dimmed" mt={2}>
        {others.length > 0 &&
          `The other lanes at their best: ${others.map((row) => `${row.label} ${figure(row)}`).join('; ')}. `}
        Simulated, for a run to confirm on the disk.
      </Text>
    </Paper>
  )
}
