import { Table } from '@mantine/core'
import type { ReactNode } from 'react'
import { ABSENT } from '../format/quantity.ts'

export type Fact = readonly [name: string, value: ReactNode]

/** Names and values of things that simply are so. */
export function FactList({ name, facts }: { name: string; facts: readonly Fact[] }) {
  return (
    <Table withRowBorders={false} verticalSpacing={2} horizontalSpacing={0} fz="sm" layout="fixed">
      <caption className="unseen">{name}</caption>
      <colgroup>
        <col style={{ width: '34%' }} />
        <col />
      </colgroup>
      <Table.Tbody>
        {facts.map(([key, value]) => (
          <Table.Tr key={key} style={{ verticalAlign: 'top' }}>
            <Table.Th scope="row" fw={400} c="dimmed">
              {key}
            </Table.Th>
            <Table.Td style={{ overflowWrap: 'anywhere' }}>{value ?? ABSENT}</Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}
