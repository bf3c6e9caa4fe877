import { Box, Group, NativeSelect, Table, Text, TextInput } from '@mantine/core'
import { IconCircleCheck, IconCircleX, IconEqual, IconHelpCircle } from '@tabler/icons-react'
import { Fragment, memo, type ReactNode, useDeferredValue, useMemo, useState } from 'react'
import type { ComparedMetric } from '../../../main/contract/index.ts'
import { ABSENT, formatShare, formatShift, formatShiftInterval, formatWithUnit } from '../../format/quantity.ts'
import { MetricName } from '../../shell/metric-name.tsx'
import { Panel } from '../../shell/panel.tsx'
import { effectWord, type Reading, readingOf, shiftSpan } from './reading.ts'
import { ShiftBar } from './shift-bar.tsx'

const LOOKS = {
  better: { word: 'better', tone: 'var(--swaplab-good)', icon: IconCircleCheck },
  worse: { word: 'worse', tone: 'var(--swaplab-bad)', icon: IconCircleX },
  same: { word: 'same', tone: 'var(--mantine-color-dimmed)', icon: IconEqual },
  unknown: { word: 'unknown', tone: 'var(--swaplab-warn)', icon: IconHelpCircle },
} as const satisfies Record<Reading, unknown>

const READINGS = ['better', 'worse', 'same', 'unknown'] as const satisfies readonly Reading[]

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
}

/** Metrics of two sides, with verdict, shift, interval, effect, and what the comparison could have shown. */
export function ComparisonTable({ title, columns, rows: given, controls, note }: ComparisonTableProps) {
  const [filter, setFilter] = useState('')
  const [reading, setReading] = useState<Reading | 'all'>('all')
  const rows = useMemo(() => given.map((row) => ({ ...row, reading: readingOf(row.metric) })), [given])
  const span = useMemo(() => shiftSpan(given.map(({ metric }) => metric)), [given])
  // Typing goes before drawing: several runs of many lanes are hundreds of rows.
  const wanted = useDeferredValue(filter).trim().toLowerCase()
  const shown = rows.filter(
    ({ metric, group, reading: own }) =>
      (reading === 'all' || own === reading) && `${group} ${metric.metric}`.toLowerCase().includes(wanted),
  )
  const count = (which: Reading) => rows.filter(({ reading: own }) => own === which).length
  const groups = [...Map.groupBy(shown, ({ group }) => group)]
  return (
    <Panel
      title={title}
      lead={READINGS.map((which) => `${count(which)} ${LOOKS[which].word}`).join(' · ')}
      controls={
        <>
          {controls}
          <NativeSelect
            size="xs"
            aria-label="Verdict"
            value={reading}
            onChange={({ currentTarget }) =>
              setReading(READINGS.find((which) => which === currentTarget.value) ?? 'all')
            }
            data={[
              { value: 'all', label: 'Every verdict' },
              ...READINGS.map((which) => ({ value: which, label: LOOKS[which].word })),
            ]}
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
      <Table.ScrollContainer minWidth={900} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table className="names-stay" verticalSpacing={6} horizontalSpacing={6} highlightOnHover>
          <caption className="unseen">Metrics of both sides with verdicts</caption>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Metric</Table.Th>
              <Table.Th scope="col" visibleFrom="sm">
                Verdict
              </Table.Th>
              <Table.Th scope="col" className="numeric">
                Shift
              </Table.Th>
              <Table.Th scope="col" style={{ whiteSpace: 'nowrap' }}>
                ±{Math.round(span * 100)} %
              </Table.Th>
              <Table.Th scope="col" className="numeric">
                {columns[0]}
              </Table.Th>
              <Table.Th scope="col" className="numeric">
                {columns[1]}
              </Table.Th>
              <Table.Th scope="col">Effect</Table.Th>
              <Table.Th scope="col" className="numeric">
                p
              </Table.Th>
              <Table.Th scope="col" className="numeric" style={{ whiteSpace: 'normal' }}>
                Could show
              </Table.Th>
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
                {rowsOfLane.map(({ metric, reading: own }) => (
                  <MetricRow key={metric.metric} metric={metric} reading={own} span={span} />
                ))}
              </Fragment>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Box mt="xs">
        <Text size="xs" c="dimmed" role="status">
          {shown.length} of {rows.length} rows
        </Text>
        <Text size="xs" c="dimmed">
          A click on a metric says what it is. Effect is Cliff's delta; n, the trials of base and new. Unknown means:
          collect more trials. Could show: the change that so many trials of this noise show as different in 4 of 5
          comparisons.
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
}

const MetricRow = memo(function MetricRow({ metric, reading, span }: MetricRowProps) {
  const { word, tone, icon: Icon } = LOOKS[reading]
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={400} style={{ whiteSpace: 'nowrap' }}>
        <MetricName name={metric.metric} better={metric.better} />
        <Group gap={6} wrap="nowrap" c={tone} hiddenFrom="sm">
          <Icon size={16} aria-hidden />
          {word}
        </Group>
      </Table.Th>
      <Table.Td visibleFrom="sm">
        <Group gap={6} wrap="nowrap" c={tone}>
          <Icon size={16} aria-hidden />
          {word}
        </Group>
      </Table.Td>
      <Table.Td className="numeric">
        {formatShift(metric.shift)}
        <span className="interval">
          {metric.low !== null && metric.high !== null ? formatShiftInterval(metric.low, metric.high) : 'no interval'}
        </span>
      </Table.Td>
      <Table.Td>
        {metric.shift === null ? (
          <span title="the base is 0">{ABSENT}</span>
        ) : (
          <ShiftBar shift={metric.shift} low={metric.low} high={metric.high} span={span} tone={tone} />
        )}
      </Table.Td>
      <Table.Td className="numeric">{formatWithUnit(metric.base, metric.unit)}</Table.Td>
      <Table.Td className="numeric">{formatWithUnit(metric.new, metric.unit)}</Table.Td>
      <Table.Td style={{ whiteSpace: 'nowrap' }}>
        {metric.cliffsDelta.toFixed(2).replace('-', '−')}
        <span className="interval">{effectWord(metric.cliffsDelta)}</span>
      </Table.Td>
      <Table.Td className="numeric">
        {metric.pAdjusted < 0.001 ? '< 0.001' : metric.pAdjusted.toFixed(3)}
        <span className="interval" title="Trials of base and new">
          n {metric.n.base} : {metric.n.new}
        </span>
      </Table.Td>
      <Table.Td className="numeric">
        {metric.verdict === 'different' ? (
          ''
        ) : metric.detectable === null ? (
          <span title="there is no interval">{ABSENT}</span>
        ) : (
          formatShare(metric.detectable)
        )}
      </Table.Td>
    </Table.Tr>
  )
})
