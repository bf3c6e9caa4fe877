import { Table, UnstyledButton } from '@mantine/core'
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { useId, useState } from 'react'

/** A chart's figures as text: what a screen reader reads and what can be copied. */
export interface ChartTable {
  columns: readonly string[]
  rows: readonly (readonly string[])[]
}

/** "Show data": the table is made when it is asked for. */
export function ChartData({ name, table }: { name: string; table: () => ChartTable }) {
  const [shown, setShown] = useState(false)
  const id = useId()
  const Icon = shown ? IconChevronDown : IconChevronRight
  return (
    <div>
      <UnstyledButton
        fz="xs"
        c="var(--mantine-color-anchor)"
        aria-expanded={shown}
        aria-controls={id}
        onClick={() => setShown(!shown)}
        style={{ display: 'inline-flex', alignItems: 'center', gap: 4 }}
      >
        <Icon size={14} aria-hidden />
        Show data
        <span className="unseen"> of {name}</span>
      </UnstyledButton>
      <div id={id}>{shown && <DataTable name={name} table={table()} />}</div>
    </div>
  )
}

function DataTable({ name, table: { columns, rows } }: { name: string; table: ChartTable }) {
  return (
    <Table.ScrollContainer minWidth={320} maxHeight={320} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table verticalSpacing={2} fz="xs" stickyHeader>
        <caption className="unseen">{name}</caption>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column, at) => (
              <Table.Th key={column} scope="col" className={at === 0 ? undefined : 'numeric'}>
                {column}
              </Table.Th>
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
      </Table>
    </Table.ScrollContainer>
  )
}
