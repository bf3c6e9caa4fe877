import { ActionIcon, Badge, Button, Group, NativeSelect, Table, Text, UnstyledButton } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import {
  IconArrowDown,
  IconArrowUp,
  IconCheck,
  IconCopy,
  IconDownload,
  IconFlask,
  IconRuler2,
} from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import {
  type Mode,
  metricMeaning,
  pointSpec,
  pointValues,
  type SweepAxis,
  type SweepDocument,
} from '../../../main/contract/index.ts'
import { LaneHead } from '../../charts/lane-head.tsx'
import { ABSENT, formatCount, formatMetric } from '../../format/quantity.ts'
import { type AxisValue, valueText } from '../../format/sweep-axis.ts'
import { download } from '../../lab/download.ts'
import { navigate } from '../../shell/hash-location.ts'
import { Panel } from '../../shell/panel.tsx'
import { setDraftTab } from '../../spec-form/draft.ts'
import { loadDraft } from '../../spec-form/load-draft.ts'
import { isRecord } from '../../spec-form/values.ts'
import { csvOf } from './csv.ts'
import { bestFirst, bestOfLanes, type Order, ordered, type Row, shownMetrics } from './reading.ts'

/** Rows drawn at once. */
const PAGE_ROWS = 100
const ALL_LANES = ''

interface PointsTableProps {
  document: SweepDocument
  rows: readonly Row[]
  lanes: readonly string[]
  metric: string
}

/** Every lane of every point, the best first; what was not possible comes last, with its reason. */
export function PointsTable({ document, rows, lanes, metric }: PointsTableProps) {
  const { sweep, metrics, points } = document
  // Another metric is another order, whatever was asked for before.
  const [asked, ask] = useState<{ metric: string; order: Order } | null>(null)
  const order = useMemo(
    () => (asked?.metric === metric ? asked.order : bestFirst(metric, metrics)),
    [asked, metric, metrics],
  )
  const clipboard = useClipboard()
  const [lane, setLane] = useState(ALL_LANES)
  const [most, setMost] = useState(PAGE_ROWS)
  const failed = useMemo(() => points.filter(({ fault }) => fault !== null), [points])
  const shown = useMemo(
    () =>
      ordered(
        rows.filter((row) => lane === ALL_LANES || row.lane === Number(lane)),
        order,
      ),
    [rows, lane, order],
  )
  const best = useMemo(() => bestOfLanes(rows, metric, metrics[metric]?.better), [rows, metric, metrics])
  const columns = rows.length === 0 ? [] : shownMetrics(metrics, metric)
  const total = shown.length + failed.length
  const orderBy = (next: Order) => ask({ metric, order: sameColumn(order, next) ? reversed(order) : next })
  const csv = () => csvOf(document, shown, failed)
  return (
    <Panel
      title="Points"
      lead={
        rows.length === 0
          ? 'None has a figure.'
          : 'A click on the head of a column orders by it. What looks best here is for a run to confirm on the disk: "Measure it" puts the point into New run.'
      }
      controls={
        <>
          {lanes.length > 1 && rows.length > 0 && (
            <NativeSelect
              size="xs"
              aria-label="Lanes shown"
              value={lane}
              data={[
                { value: ALL_LANES, label: 'All lanes' },
                ...lanes.map((label, index) => ({ value: String(index), label })),
              ]}
              onChange={({ currentTarget }) => setLane(currentTarget.value)}
            />
          )}
          <Button
            size="xs"
            variant="default"
            leftSection={clipboard.copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
            onClick={() => clipboard.copy(csv())}
          >
            {clipboard.copied ? 'Copied' : 'Copy CSV'}
          </Button>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconDownload size={14} aria-hidden />}
            onClick={() => download({ filename: `sweep-${sweep.id}.csv`, mime: 'text/csv', text: csv() })}
          >
            Export CSV
          </Button>
        </>
      }
    >
      <Table.ScrollContainer minWidth={320} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table className="names-stay" verticalSpacing={6} highlightOnHover fz="sm">
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
            {shown.slice(0, most).map((row) => (
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
            {failed.slice(0, Math.max(0, most - shown.length)).map((point) => (
              <Table.Tr key={point.position}>
                <Values axes={sweep.axes} values={pointValues(sweep.axes, point.position)} />
                <Table.Td colSpan={2 + columns.length}>
                  <Text size="sm" c="dimmed" maw={720} style={{ whiteSpace: 'normal', overflowWrap: 'anywhere' }}>
                    Not possible: {point.fault?.message}
                  </Text>
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Group justify="space-between" mt="xs" mih={26}>
        <Text size="xs" c="dimmed" role="status">
          {formatCount(Math.min(most, total))} of {formatCount(total)} rows
          {failed.length > 0 && `, ${formatCount(failed.length)} of points that were not possible`}
        </Text>
        {most < total && (
          <Button size="compact-sm" variant="subtle" onClick={() => setMost(most + PAGE_ROWS)}>
            Show more
          </Button>
        )}
      </Group>
    </Panel>
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
        fz="sm"
        title={(column.by === 'metric' && metricMeaning(column.metric)) || undefined}
        onClick={() => onOrder(column)}
      >
        {children}
        {direction ? <Arrow size={14} aria-hidden /> : null}
      </UnstyledButton>
    </Table.Th>
  )
}

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

function BestBadge({ metric }: { metric: string }) {
  return (
    <Badge
      variant="outline"
      size="sm"
      tt="none"
      title={`The best ${metric} of this lane`}
      style={{ color: 'var(--swaplab-good)', borderColor: 'var(--swaplab-good)', flex: 'none' }}
    >
      best
    </Badge>
  )
}

/** The point as an experiment in New run: to be measured, or simulated once more with its whole report. */
function TryIt({ document: { spec, sweep }, position }: { document: SweepDocument; position: number }) {
  const values = pointValues(sweep.axes, position).map(valueText).join(', ')
  const load = (mode: Mode) => {
    const found = pointSpec(spec, sweep.axes, position)
    if (!isRecord(found)) return
    loadDraft({ ...found, mode })
    setDraftTab('form')
    navigate('/new')
  }
  return (
    <Group gap={4} wrap="nowrap" justify="flex-end">
      <Button
        size="compact-xs"
        variant="default"
        leftSection={<IconRuler2 size={13} aria-hidden />}
        aria-label={`Measure it: ${values}`}
        title="Put this point into New run, to be measured on the disk"
        onClick={() => load('measure')}
      >
        Measure it
      </Button>
      <ActionIcon
        size="sm"
        variant="default"
        aria-label={`Simulate with report: ${values}`}
        title="Simulate with report: put this point into New run, to be simulated with the report of a run"
        onClick={() => load('simulate')}
      >
        <IconFlask size={14} aria-hidden />
      </ActionIcon>
    </Group>
  )
}
