import { Box, Group, Text } from '@mantine/core'
import { pointValues, type SweepAxis, type SweepRow } from '../../../main/contract/index.ts'
import { LaneHead } from '../../charts/lane-head.tsx'
import { fieldText } from '../../format/field-text.ts'
import { formatMetric } from '../../format/quantity.ts'
import { valueText } from '../../format/sweep-axis.ts'
import { BestBadge, reasonOf, TryIt } from './point-pieces.tsx'
import { type ShownPoints, shownMetrics, valuesTold } from './reading.ts'

/** Points one below the other, each with everything a row has, the chosen metric first. */
export function PointsList({ document, rows, failed, best, metric }: ShownPoints) {
  const { sweep, metrics } = document
  const names = [metric, ...shownMetrics(metrics, metric).filter((name) => name !== metric)]
  return (
    <Box component="ul" p={0} m={0} fz="sm" aria-label="Points of the sweep, simulated" style={{ listStyle: 'none' }}>
      {rows.map((row) => (
        <Box component="li" className="sweep-item" px={0} key={`${row.point.position} ${row.lane}`}>
          <Values axes={row.everywhere ? valuesTold(row, sweep.axes) : axesAt(sweep.axes, row.values)} />
          <Group gap="xs" wrap="nowrap" my={4}>
            <LaneHead index={row.lane} label={row.label} />
            {best.get(row.lane) === row && <BestBadge metric={metric} />}
          </Group>
          <Text size="xs" c="dimmed" mb={6}>
            {names
              .filter((name) => row.metrics[name] !== undefined)
              .map((name) => `${name} ${formatMetric(row.metrics[name], metrics[name].unit)}`)
              .join(' · ')}
          </Text>
          <TryIt document={document} position={row.point.position} />
        </Box>
      ))}
      {failed.map((point) => (
        <Box component="li" className="sweep-item" px={0} key={point.position}>
          <Values axes={axesAt(sweep.axes, pointValues(sweep.axes, point.position))} />
          <Text size="xs" c="dimmed">
            {reasonOf(point.fault)}
          </Text>
        </Box>
      ))}
    </Box>
  )
}

const axesAt = (axes: readonly SweepAxis[], values: SweepRow['values']): SweepAxis[] =>
  axes.map(({ field }, axis) => ({ field, values: [values[axis]] }))

/** Of each axis its value, or that none of them matters. */
function Values({ axes }: { axes: readonly SweepAxis[] }) {
  return (
    <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
      {axes.map(({ field, values: [value] }) => `${fieldText(field)} ${valueText(value)}`).join(', ') ||
        'the same everywhere'}
    </Text>
  )
}
