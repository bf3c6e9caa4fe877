import { Table, Text } from '@mantine/core'
import {
  type Distribution,
  EVENTS_BEYOND,
  type LaneReport,
  metricMeaning,
  PERCENTILES,
} from '../../../main/contract/index.ts'
import { LaneHead } from '../../charts/lane-head.tsx'
import { ABSENT, formatCount } from '../../format/quantity.ts'
import { ColumnHead, FigureTable } from '../../shell/figure-table.tsx'
import { latencyTitle, percentileCell } from './latency.ts'
import { FEWEST_FOR_INTERVAL, Median } from './median.tsx'

interface PercentileTableProps {
  lanes: readonly LaneReport[]
  family: string
  distributions: readonly (Distribution | undefined)[]
  /** What looking costs, in a sentence. */
  cost: string | null
}

/** Median of the trials with its 95 % interval; a percentile that rests on too few events is a dash with its reason. */
export function PercentileTable({ lanes, family, distributions, cost }: PercentileTableProps) {
  const rows = lanes.map((lane, index) => ({
    lane,
    count: distributions[index]?.count ?? 0,
    cells: PERCENTILES.map((percentile) => percentileCell(lane, family, percentile, distributions[index])),
  }))
  const meaning = metricMeaning(family)
  const hidden = rows.some(({ cells }) => cells.some(({ kind }) => kind === 'hidden'))
  return (
    <div>
      <FigureTable
        caption={`${latencyTitle(family)}: percentiles by lane`}
        className="names-stay percentiles"
        cards
        verticalSpacing="xs"
        highlightOnHover
      >
        <Table.Thead>
          <Table.Tr>
            <ColumnHead>Lane</ColumnHead>
            <ColumnHead numeric>Mean</ColumnHead>
            {PERCENTILES.map(({ name, title }) => (
              <ColumnHead key={name} numeric>
                {title}
              </ColumnHead>
            ))}
            <ColumnHead numeric>Events</ColumnHead>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(({ lane, count, cells }, index) => (
            <Table.Tr key={lane.label}>
              <Table.Th scope="row" fw={500}>
                <LaneHead index={index} label={lane.label} />
              </Table.Th>
              <Table.Td className="numeric" data-title="Mean">
                <Median metric={lane.metrics[`${family}.mean`]} lane={lane} />
              </Table.Td>
              {cells.map((cell, at) => (
                <Table.Td key={PERCENTILES[at].name} className="numeric" data-title={PERCENTILES[at].title}>
                  {cell.kind === 'value' ? (
                    <Median metric={cell.metric} lane={lane} />
                  ) : (
                    <span title={cell.reason}>
                      <span aria-hidden>{ABSENT}</span>
                      <span className="unseen">not shown: {cell.reason}</span>
                    </span>
                  )}
                </Table.Td>
              ))}
              <Table.Td className="numeric" data-title="Events">
                {formatCount(count)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </FigureTable>
      {meaning && (
        <Text size="xs" c="dimmed" mt="xs">
          {latencyTitle(family)}: {meaning}
        </Text>
      )}
      <Text size="xs" c="dimmed" mt={4}>
        Mean and percentiles: median over the trials, below it the 95 % bootstrap interval (from {FEWEST_FOR_INTERVAL}{' '}
        trials on). Merged: too rare to show in every trial, so taken from the events of all of them, without an
        interval.
        {hidden &&
          ` ${ABSENT} where fewer than ${EVENTS_BEYOND} events lie beyond the percentile or the lane had none; point at it for the reason.`}
      </Text>
      {cost && (
        <Text size="xs" c="dimmed" mt={4}>
          {cost}
        </Text>
      )}
    </div>
  )
}
