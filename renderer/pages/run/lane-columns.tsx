import { Table } from '@mantine/core'
import type { LaneReport } from '../../../main/contract/index.ts'
import { LaneHead } from '../../charts/lane-head.tsx'
import { ColumnHead } from '../../shell/figure-table.tsx'

/** What a table with a column for each lane takes at least: a narrow window has names of rows above their figures. */
export const widthOf = ({ length }: readonly LaneReport[]): string =>
  `calc(var(--lane-names-width) + ${length} * var(--lane-column-width))`

/** For the style of such a table, of class `lane-columns`. */
export const laneCount = ({ length }: readonly LaneReport[]): Record<'--lanes', number> => ({ '--lanes': length })

/** The head of a table with one row for each `of`, and one column of figures for each lane. */
export function LaneColumns({ of, lanes }: { of: string; lanes: readonly LaneReport[] }) {
  return (
    <Table.Thead>
      <Table.Tr>
        <ColumnHead>{of}</ColumnHead>
        {lanes.map(({ label }, index) => (
          <ColumnHead key={label} numeric>
            <LaneHead index={index} label={label} of="column" />
          </ColumnHead>
        ))}
      </Table.Tr>
    </Table.Thead>
  )
}
