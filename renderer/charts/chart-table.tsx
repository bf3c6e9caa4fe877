import { Group, Table, UnstyledButton } from '@mantine/core'
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { type ReactNode, useId, useState } from 'react'
import { ColumnHead, FigureTable } from '../shell/figure-table.tsx'

/** A chart's figures as text: what a screen reader reads and what can be copied. */
export interface ChartTable {
  columns: readonly string[]
  rows: readonly (readonly string[])[]
}

interface ChartDataProps {
  name: string
  table: () => ChartTable
  /** What else can be done with the chart. */
  children?: ReactNode
}

/** "Show data": the table is made when it is asked for. */
export function ChartData({ name, table, children }: ChartDataProps) {
  const [shown, setShown] = useState(false)
  const id = useId()
  const Icon = shown ? IconChevronDown : IconChevronRight
  return (
    <div>
      <Group gap="md" justify="space-between">
        <UnstyledButton
          className="small-deed"
          aria-expanded={shown}
          aria-controls={id}
          onClick={() => setShown(!shown)}
        >
          <Group gap={4} wrap="nowrap">
            <Icon size={14} aria-hidden />
            Show data
          </Group>
          <span className="unseen"> of {name}</span>
        </UnstyledButton>
        {children}
      </Group>
      <div id={id}>{shown && <DataTable name={name} table={table()} />}</div>
    </div>
  )
}

function DataTable({ name, table: { columns, rows } }: { name: string; table: ChartTable }) {
  return (
    <FigureTable caption={name} minWidth={320} maxHeight={320} verticalSpacing={2} fz="xs" stickyHeader>
      <Table.Thead>
        <Table.Tr>
          {columns.map((column, at) => (
            <ColumnHead key={column} numeric={at > 0}>
              {column}
            </ColumnHead>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(([head, ...cells]) => (
          <Table.Tr key={head}>
            <Table.Th scope="row" fw={400}>
              {head}
            </Table.Th>
            {cells.map((cell, at) => (
              <Table.Td key={columns[at + 1]} className="numeric">
                {cell}
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </FigureTable>
  )
}
