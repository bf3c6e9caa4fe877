import { Box, Group, NativeSelect, Table, Text, TextInput } from '@mantine/core'
import { IconCircleCheck, IconCircleX, IconEqual, IconHelpCircle } from '@tabler/icons-react'
import { Fragment, memo, type ReactNode, useDeferredValue, useMemo, useState } from 'react'
import type { ComparedMetric } from '../../../main/contract/index.ts'
import { ABSENT, formatChange, formatMetric, formatShift, formatShiftInterval } from '../../format/quantity.ts'
import { ColumnHead, FigureTable, SortHead } from '../../shell/figure-table.tsx'
import { MetricName } from '../../shell/metric-name.tsx'
import { Panel } from '../../shell/panel.tsx'
import { usePlace } from '../../shell/use-place.ts'
import {
  effectWord,
  inOrder,
  nextSort,
  READINGS,
  type Reading,
  readingOf,
  type SortKey,
  shiftSpan,
  sortAt,
  sortText,
} from './reading.ts'
import { ShiftBar } from './shift-bar.tsx'

const LOOKS = {
  better: { tone: 'var(--swaplab-good)', icon: IconCircleCheck },
  worse: { tone: 'var(--swaplab-bad)', icon: IconCircleX },
  same: { tone: 'var(--mantine-color-dimmed)', icon: IconEqual },
  unknown: { tone: 'var(--swaplab-warn)', icon: IconHelpCircle },
} as const satisfies Record<Reading, unknown>

const COLUMNS = 9

interface ComparisonTableProps {
  title: string
  /** Names of the two columns of figures. */
  columns: readonly [base: string, fresh: string]
  /** Rows with the heading they stand under; headings in the order met. */
  rows: readonly { metric: ComparedMetric; group: string }[]
  /** Before the filters. */
  controls?: ReactNode
  /** What shift, interval and p are here. */
  note: ReactNode
  /** Above it the rows scroll by themselves, px: where the table is not the whole page. */
  maxHeight?: number
}

/** Metrics of two sides, with verdict, shift, interval, effect, and what the comparison could have shown. */
export function ComparisonTable({ title, columns, rows: given, controls, note, maxHeight }: ComparisonTableProps) {
  const [filter, setFilter] = useState('')
  const [place, choose] = usePlace()
  const reading = READINGS.find((which) => which === place.get('verdict')) ?? 'all'
  const sort = sortAt(place.get('sort'))
  const rows = useMemo(() => given.map((row) => ({ ...row, reading: readingOf(row.metric) })), [given])
  const span = useMemo(() => shiftSpan(given.map(({ metric }) => metric)), [given])
  // Typing goes before drawing: several runs of many lanes are hundreds of rows.
  const wanted = useDeferredValue(filter).trim().toLowerCase()
  const shown = rows.filter(
    ({ metric, group, reading: own }) =>
      (reading === 'all' || own === reading) && `${group} ${metric.metric}`.toLowerCase().includes(wanted),
  )
  const count = (which: Reading) => rows.filter(({ reading: own }) => own === which).length
  const sorting = (by: SortKey) => ({
    direction: sort?.by === by ? sort.direction : undefined,
    onSort: () => choose({ sort: sortText(nextSort(sort, by)) }),
  })
  const groups = [...Map.groupBy(shown, ({ group }) => group)]
  return (
    <Panel
      title={title}
      lead={READINGS.map((which) => `${count(which)} ${which}`).join(' · ')}
      controls={
        <>
          {controls}
          <NativeSelect
            size="xs"
            aria-label="Verdict"
            value={reading === 'all' ? '' : reading}
            onChange={({ currentTarget }) => choose({ verdict: currentTarget.value })}
            data={[{ value: '', label: 'Every verdict' }, ...READINGS.map((which) => ({ value: which, label: which }))]}
          />
          <TextInput
            size="xs"
            type="search"
            aria-label="Filter metrics"
            placeholder="Filter"
            value={filter}
            onChange={({ currentTarget }) => setFilter(currentTarget.value)}
          />
        </>
      }
    >
      <FigureTable
        caption="Metrics of both sides with verdicts"
        className="comparison"
        cards
        {...(maxHeight === undefined ? { headStays: true } : { maxHeight, stickyHeader: true })}
        verticalSpacing={6}
        horizontalSpacing={6}
        highlightOnHover
      >
        <Table.Thead>
          <Table.Tr>
            <ColumnHead>Metric</ColumnHead>
            <SortHead className="verdict-column" {...sorting('verdict')}>
              Verdict
            </SortHead>
            <SortHead numeric {...sorting('shift')}>
              Shift
            </SortHead>
            <ColumnHead className="shift-column">±{Math.round(span * 100)} %</ColumnHead>
            <ColumnHead numeric>{columns[0]}</ColumnHead>
            <ColumnHead numeric>{columns[1]}</ColumnHead>
            <SortHead numeric {...sorting('effect')}>
              Effect
            </SortHead>
            <SortHead numeric {...sorting('p')}>
              p
            </SortHead>
            <SortHead numeric {...sorting('detectable')}>
              Could show
            </SortHead>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {groups.map(([group, rowsOfLane]) => (
            <Fragment key={group}>
              <Table.Tr>
                <Table.Th scope="rowgroup" colSpan={COLUMNS} bg="var(--swaplab-ground)">
                  {group}
                </Table.Th>
              </Table.Tr>
              {inOrder(rowsOfLane, sort).map(({ metric, reading: own }) => (
                <MetricRow key={metric.metric} metric={metric} reading={own} span={span} columns={columns} />
              ))}
            </Fragment>
          ))}
        </Table.Tbody>
      </FigureTable>
      <Box mt="xs">
        <Text size="xs" c="dimmed" role="status">
          {shown.length} of {rows.length} rows
        </Text>
        <Text size="xs" c="dimmed">
          A click on a metric says what it is, one on the head of a column orders by it. Effect is Cliff's delta; n, the
          trials of base and new. Unknown means: collect more trials. Could show: the change that so many trials of this
          noise show as different in 4 of 5 comparisons.
        </Text>
        {note}
      </Box>
    </Panel>
  )
}

interface MetricRowProps {
  metric: ComparedMetric
  reading: Reading
  span: number
  columns: ComparisonTableProps['columns']
}

const MetricRow = memo(function MetricRow({ metric, reading, span, columns }: MetricRowProps) {
  const { tone, icon: Icon } = LOOKS[reading]
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={400} style={{ whiteSpace: 'nowrap' }}>
        <MetricName name={metric.metric} better={metric.better} />
        <Group className="verdict-below" gap={6} wrap="nowrap" c={tone}>
          <Icon size={16} aria-hidden />
          {reading}
        </Group>
      </Table.Th>
      <Table.Td className="verdict-column">
        <Group gap={6} wrap="nowrap" c={tone}>
          <Icon size={16} aria-hidden />
          {reading}
        </Group>
      </Table.Td>
      <Table.Td className="numeric" data-title="Shift">
        {formatShift(metric.shift)}
        <span className="interval">
          {metric.low !== null && metric.high !== null ? formatShiftInterval(metric.low, metric.high) : 'no interval'}
        </span>
      </Table.Td>
      <Table.Td className="shift-column">
        {metric.shift === null ? (
          <span title="the base is 0">{ABSENT}</span>
        ) : (
          <ShiftBar shift={metric.shift} low={metric.low} high={metric.high} span={span} tone={tone} />
        )}
      </Table.Td>
      <Table.Td className="numeric" data-title={columns[0]}>
        {formatMetric(metric.base, metric.unit)}
      </Table.Td>
      <Table.Td className="numeric" data-title={columns[1]}>
        {formatMetric(metric.new, metric.unit)}
      </Table.Td>
      <Table.Td className="numeric" data-title="Effect">
        {metric.cliffsDelta.toFixed(2).replace('-', '−')}
        <span className="interval">{effectWord(metric.cliffsDelta)}</span>
      </Table.Td>
      <Table.Td className="numeric" data-title="p">
        {metric.pAdjusted < 0.001 ? '< 0.001' : metric.pAdjusted.toFixed(3)}
        <span className="interval" title="Trials of base and new">
          n {metric.n.base} : {metric.n.new}
        </span>
      </Table.Td>
      <Table.Td className="numeric" data-title="Could show">
        {metric.verdict === 'different' ? (
          ''
        ) : metric.detectable === null ? (
          <span title="there is no interval">{ABSENT}</span>
        ) : (
          formatChange(metric.detectable)
        )}
      </Table.Td>
    </Table.Tr>
  )
})
