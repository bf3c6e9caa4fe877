import { Table, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { LaneReport } from '../../../main/contract/index.ts'
import { ABSENT, formatCount } from '../../format/quantity.ts'
import { FigureTable } from '../../shell/figure-table.tsx'
import { Panel } from '../../shell/panel.tsx'
import { LaneColumns, laneCount, widthOf } from './lane-columns.tsx'

/** Every counter under the kernel's own name, one column per lane. */
export function CountersPanel({ lanes }: { lanes: readonly LaneReport[] }) {
  const [filter, setFilter] = useState('')
  const wanted = filter.trim().toLowerCase()
  const all = [...new Set(lanes.flatMap(({ counters }) => Object.keys(counters)))].sort()
  const names = all.filter((name) => name.toLowerCase().includes(wanted))
  return (
    <Panel
      title="Counters"
      lead="By the kernel's names; the median over the trials. Warm-up is left out; sizes and maxima are as at the end."
      controls={
        <TextInput
          size="xs"
          type="search"
          aria-label="Filter counters"
          placeholder="Filter"
          value={filter}
          onChange={({ currentTarget }) => setFilter(currentTarget.value)}
        />
      }
    >
      <FigureTable
        caption="Counters by lane"
        minWidth={widthOf(lanes)}
        maxHeight={480}
        className="names-stay lane-columns"
        verticalSpacing={3}
        highlightOnHover
        stickyHeader
        style={laneCount(lanes)}
      >
        <LaneColumns of="Counter" lanes={lanes} />
        <Table.Tbody>
          {names.map((name) => (
            <Table.Tr key={name}>
              <Table.Th scope="row" fw={400} ff="monospace" fz="xs">
                {name}
              </Table.Th>
              {lanes.map(({ label, counters: { [name]: value } }) => (
                <Table.Td key={label} className="numeric">
                  {value === undefined ? <span title="this lane does not count it">{ABSENT}</span> : formatCount(value)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </FigureTable>
      <Text size="xs" c="dimmed" mt="xs" role="status">
        {names.length} of {all.length} counters
      </Text>
    </Panel>
  )
}
