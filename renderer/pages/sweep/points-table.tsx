import { Group, Table, Text } from '@mantine/core'
import {
  metricMeaning,
  pointValues,
  type SweepAxis,
  type SweepRow,
  standsForAll,
} from '../../../main/contract/index.ts'
import { LaneHead } from '../../charts/lane-head.tsx'
import { fieldText } from '../../format/field-text.ts'
import { ABSENT, formatMetric } from '../../format/quantity.ts'
import { type AxisValue, valueText } from '../../format/sweep-axis.ts'
import { ColumnHead, SortHead } from '../../shell/figure-table.tsx'
import { BestBadge, reasonOf, TryIt } from './point-pieces.tsx'
import { bestFirst, type Order, type ShownPoints, shownMetrics } from './reading.ts'

interface PointsTableProps extends ShownPoints {
  order: Order
  onOrder: (order: Order) => void
}

/** Points as rows, to be ordered by any column. */
export function PointsTable({ document, rows, failed, best, metric, order, onOrder }: PointsTableProps) {
  const { sweep, metrics } = document
  const columns = rows.length === 0 ? [] : shownMetrics(metrics, metric)
  const sorting = (column: Order) => {
    const same = sameColumn(order, column)
    return { direction: same ? order.direction : undefined, onSort: () => onOrder(same ? reversed(order) : column) }
  }
  return (
    <Table.ScrollContainer minWidth={320} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table
        className="points names-stay deeds-stay"
        verticalSpacing={6}
        horizontalSpacing={5}
        highlightOnHover
        fz="xs"
      >
        <caption className="unseen">Points of the sweep, simulated</caption>
        <Table.Thead>
          <Table.Tr>
            {sweep.axes.map(({ field, values }, axis) => (
              <SortHead
                key={field}
                numeric={isNumeric(values)}
                {...sorting({ by: 'axis', axis, direction: 'ascending' })}
              >
                {fieldText(field)}
              </SortHead>
            ))}
            <SortHead {...sorting({ by: 'lane', direction: 'ascending' })}>Lane</SortHead>
            {columns.map((name) => (
              <SortHead
                key={name}
                numeric
                title={metricMeaning(name) ?? undefined}
                {...sorting(bestFirst(name, metrics))}
              >
                {name}
              </SortHead>
            ))}
            <ColumnHead>
              <span className="unseen">Try it</span>
            </ColumnHead>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={`${row.point.position} ${row.lane}`}>
              <Values axes={sweep.axes} values={row.values} row={row} />
              <Table.Td>
                <Group gap={4} wrap="nowrap">
                  <LaneHead index={row.lane} label={row.label} />
                  {best.get(row.lane) === row && <BestBadge metric={metric} />}
                </Group>
              </Table.Td>
              {columns.map((name) => (
                <Table.Td key={name} className="numeric">
                  {row.metrics[name] === undefined ? ABSENT : formatMetric(row.metrics[name], metrics[name].unit)}
                </Table.Td>
              ))}
              <Table.Td>
                <TryIt document={document} position={row.point.position} />
              </Table.Td>
            </Table.Tr>
          ))}
          {failed.map((point) => (
            <Table.Tr key={point.position}>
              <Values axes={sweep.axes} values={pointValues(sweep.axes, point.position)} />
              <Table.Td colSpan={2 + columns.length}>
                <Text size="xs" c="dimmed" maw={720} style={{ whiteSpace: 'normal', overflowWrap: 'anywhere' }}>
                  {reasonOf(point.fault)}
                </Text>
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}

const sameColumn = (a: Order, b: Order): boolean =>
  a.by === b.by &&
  (a.by !== 'metric' || b.by !== 'metric' || a.metric === b.metric) &&
  (a.by !== 'axis' || b.by !== 'axis' || a.axis === b.axis)

const reversed = (order: Order): Order => ({
  ...order,
  direction: order.direction === 'ascending' ? 'descending' : 'ascending',
})

/** Numbers stand at the right, below one another. */
const isNumeric = (values: readonly AxisValue[]): boolean => values.every((value) => typeof value === 'number')

interface ValuesProps {
  axes: readonly SweepAxis[]
  values: readonly AxisValue[]
  row?: SweepRow
}

/** The first names the row. */
function Values({ axes, values, row }: ValuesProps) {
  return axes.map((axis, at) => {
    const look = isNumeric(axis.values) ? 'numeric' : undefined
    const any = row !== undefined && standsForAll(row, axis)
    return at === 0 ? (
      <Table.Th key={axis.field} scope="row" fw={500} className={look}>
        <Value value={values[at]} any={any} />
      </Table.Th>
    ) : (
      <Table.Td key={axis.field} className={look}>
        <Value value={values[at]} any={any} />
      </Table.Td>
    )
  })
}

/** @param any it makes no difference here */
function Value({ value, any }: { value: AxisValue; any: boolean }) {
  if (!any) return valueText(value)
  return (
    <Text span inherit c="dimmed" title="the same at each: it is varied in another lane">
      any
    </Text>
  )
}
