import { Box, Group, NativeSelect, Table, Text, TextInput } from '@mantine/core'
import { IconCircleCheck, IconCircleX, IconEqual, IconHelpCircle } from '@tabler/icons-react'
import { Fragment, useMemo, useState } from 'react'
import type { ComparedMetric, Comparison } from '../../../main/contract/index.ts'
import { ABSENT, formatShift, formatWithUnit } from '../../format/quantity.ts'
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

/** Every metric of both runs, by lane, with its verdict, shift, interval and effect. */
export function ComparisonTable({ comparison }: { comparison: Comparison }) {
  const [filter, setFilter] = useState('')
  const [reading, setReading] = useState<Reading | 'all'>('all')
  const rows = useMemo(() => comparison.metrics.map((metric) => ({ metric, reading: readingOf(metric) })), [comparison])
  const span = useMemo(() => shiftSpan(comparison.metrics), [comparison])
  const wanted = filter.trim().toLowerCase()
  const shown = rows.filter(
    ({ metric, reading: own }) =>
      (reading === 'all' || own === reading) && `${metric.lane} ${metric.metric}`.toLowerCase().includes(wanted),
  )
  const count = (which: Reading) => rows.filter(({ reading: own }) => own === which).length
  const several = comparison.new.length > 1
  const nameOf = (id: string) => comparison.new.find((run) => run.id === id)?.name ?? id
  const groups = [
    ...Map.groupBy(shown, ({ metric }) => (several ? `${metric.lane} · ${nameOf(metric.newRun)}` : metric.lane)),
  ]
  return (
    <Panel
      title={`${comparison.base.name} → ${comparison.new.map(({ name }) => name).join(', ')}`}
      lead={READINGS.map((which) => `${count(which)} ${LOOKS[which].word}`).join(' · ')}
      controls={
        <>
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
      <Table.ScrollContainer minWidth={980} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table verticalSpacing={6} highlightOnHover>
          <caption className="unseen">Metrics of both runs with verdicts</caption>
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Verdict</Table.Th>
              <Table.Th scope="col">Metric</Table.Th>
              <Table.Th scope="col" className="numeric">
                Base
              </Table.Th>
              <Table.Th scope="col" className="numeric">
                New
              </Table.Th>
              <Table.Th scope="col" className="numeric">
                Shift
              </Table.Th>
              <Table.Th scope="col">±{Math.round(span * 100)} %</Table.Th>
              <Table.Th scope="col">Effect</Table.Th>
              <Table.Th scope="col" className="numeric">
                p
              </Table.Th>
              <Table.Th scope="col" className="numeric">
                Trials
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {groups.map(([title, rowsOfLane]) => (
              <Fragment key={title}>
                <Table.Tr>
                  <Table.Th scope="rowgroup" colSpan={COLUMNS} bg="var(--swaplab-ground)">
                    {title}
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
          Shift of the medians with its 95 % bootstrap interval. Effect is Cliff's delta. p is adjusted over all rows
          (Benjamini-Hochberg). Unknown means: collect more trials.
        </Text>
      </Box>
    </Panel>
  )
}

function MetricRow({ metric, reading, span }: { metric: ComparedMetric; reading: Reading; span: number }) {
  const { word, tone, icon: Icon } = LOOKS[reading]
  return (
    <Table.Tr>
      <Table.Td>
        <Group gap={6} wrap="nowrap" c={tone}>
          <Icon size={16} aria-hidden />
          {word}
        </Group>
      </Table.Td>
      <Table.Th scope="row" fw={400} style={{ whiteSpace: 'nowrap' }}>
        {metric.metric} <span title={`${metric.better} is better`}>{metric.better === 'higher' ? '↑' : '↓'}</span>
      </Table.Th>
      <Table.Td className="numeric">{formatWithUnit(metric.base, metric.unit)}</Table.Td>
      <Table.Td className="numeric">{formatWithUnit(metric.new, metric.unit)}</Table.Td>
      <Table.Td className="numeric">
        {formatShift(metric.shift)}
        <span className="interval">
          {metric.low !== null && metric.high !== null
            ? `${formatShift(metric.low)} … ${formatShift(metric.high)}`
            : 'no interval'}
        </span>
      </Table.Td>
      <Table.Td>
        {metric.shift === null ? (
          <span title="the base is 0">{ABSENT}</span>
        ) : (
          <ShiftBar shift={metric.shift} low={metric.low} high={metric.high} span={span} tone={tone} />
        )}
      </Table.Td>
      <Table.Td style={{ whiteSpace: 'nowrap' }}>
        {metric.cliffsDelta.toFixed(2)}
        <span className="interval">{effectWord(metric.cliffsDelta)}</span>
      </Table.Td>
      <Table.Td className="numeric">{metric.pAdjusted < 0.001 ? '< 0.001' : metric.pAdjusted.toFixed(3)}</Table.Td>
      <Table.Td className="numeric">
        {metric.n.base} : {metric.n.new}
      </Table.Td>
    </Table.Tr>
  )
}
