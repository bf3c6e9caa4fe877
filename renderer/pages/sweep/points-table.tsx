import { Group, Table, Text, UnstyledButton } from '@mantine/core'
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react'
import { Fragment } from 'react'
import { metricMeaning, pointValues, type SweepAxis } from '../../../main/contract/index.ts'
import { LaneHead } from '../../charts/lane-head.tsx'
import { ABSENT, formatMetric } from '../../format/quantity.ts'
import { type AxisValue, valueText } from '../../format/sweep-axis.ts'
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
  const orderBy = (next: Order) => onOrder(sameColumn(order, next) ? reversed(order) : next)
  return (
    <Table.ScrollContainer minWidth={320} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table
        className="points names-stay deeds-stay"
        verticalSpacing={6}
        horizontalSpacing={8}
        highlightOnHover
        fz="xs"
      >
        <caption className="unseen">Points of the sweep, simulated</caption>
        <Table.Thead>
          <Table.Tr>
            {sweep.axes.map(({ field }, axis) => (
              <SortHead
                key={field}
                column={{ by: 'axis', axis, direction: 'ascending' }}
                order={order}
                onOrder={orderBy}
              >
                {field}
              </SortHead>
            ))}
            <SortHead column={{ by: 'lane', direction: 'ascending' }} order={order} onOrder={orderBy}>
              Lane
            </SortHead>
            {columns.map((name) => (
              <SortHead key={name} column={bestFirst(name, metrics)} order={order} onOrder={orderBy} numeric>
                {name}
              </SortHead>
            ))}
            <Table.Th scope="col">
              <span className="unseen">Try it</span>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={`${row.point.position} ${row.lane}`}>
              <Values axes={sweep.axes} values={row.values} />
              <Table.Td>
                <Group gap="xs" wrap="nowrap">
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

interface SortHeadProps {
  /** How it orders at first. */
  column: Order
  order: Order
  onOrder: (order: Order) => void
  numeric?: boolean
  children: string
}

/** The head of a column, which orders by it; once more, the other way round. */
function SortHead({ column, order, onOrder, numeric = false, children }: SortHeadProps) {
  const direction = sameColumn(column, order) ? order.direction : undefined
  const Arrow = direction === 'ascending' ? IconArrowUp : IconArrowDown
  return (
    <Table.Th scope="col" className={numeric ? 'numeric' : undefined} aria-sort={direction}>
      <UnstyledButton
        className="sort-head"
        title={(column.by === 'metric' && metricMeaning(column.metric)) || undefined}
        onClick={() => onOrder(column)}
      >
        {breakable(children)}
        {direction ? <Arrow size={14} aria-hidden /> : null}
      </UnstyledButton>
    </Table.Th>
  )
}

/** A dotted name, which may go on in a second line behind each of its dots. */
const breakable = (name: string) =>
  name.split(/(?<=\.)/).map((part) => (
    <Fragment key={part}>
      {part}
      <wbr />
    </Fragment>
  ))

/** The first names the row. */
function Values({ axes, values }: { axes: readonly SweepAxis[]; values: readonly AxisValue[] }) {
  return axes.map(({ field }, axis) =>
    axis === 0 ? (
      <Table.Th key={field} scope="row" fw={500}>
        {valueText(values[axis])}
      </Table.Th>
    ) : (
      <Table.Td key={field}>{valueText(values[axis])}</Table.Td>
    ),
  )
}
