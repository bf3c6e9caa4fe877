import { Table, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { ColumnHead, FigureTable } from '../../shell/figure-table.tsx'

/** Tables of a calibration: what was measured, and beside or below each figure what it is held against. */

export const times = (value: number): string => `${value.toFixed(2)}\u00a0×`

/** A figure, and in small what belongs to it. */
export function over(main: ReactNode, below: ReactNode): ReactNode {
  return (
    <>
      {main}
      {below && (
        <Text component="span" display="block" size="xs" c="dimmed">
          {below}
        </Text>
      )}
    </>
  )
}

export interface Row {
  /** What tells it from the others. */
  name: string
  cells: readonly ReactNode[]
}

interface FiguresProps {
  caption: string
  head: readonly string[]
  /** Columns of words, before those of figures. */
  words: number
  rows: readonly Row[]
}

export function Figures({ caption, head, words, rows }: FiguresProps) {
  return (
    <FigureTable caption={caption} className="calibration" cards verticalSpacing={4} fz="sm">
      <Table.Thead>
        <Table.Tr>
          {head.map((title, at) => (
            <ColumnHead key={title} numeric={at >= words}>
              {title}
            </ColumnHead>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(({ name, cells }) => (
          <Table.Tr key={name}>
            {cells.map((cell, at) =>
              at === 0 ? (
                <Table.Th key={head[at]} scope="row" fw={400} style={{ verticalAlign: 'top' }}>
                  {cell}
                </Table.Th>
              ) : (
                <Table.Td
                  key={head[at]}
                  className={at < words ? 'words' : 'numeric'}
                  data-title={head[at]}
                  style={{ verticalAlign: 'top' }}
                >
                  {cell}
                </Table.Td>
              ),
            )}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </FigureTable>
  )
}
