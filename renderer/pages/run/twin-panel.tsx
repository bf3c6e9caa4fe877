import { List, Stack, Table, Text } from '@mantine/core'
import type { Twin, TwinFigure, TwinRow } from '../../../main/contract/index.ts'
import { ABSENT, formatCount, formatInterval, formatMetric, formatShift } from '../../format/quantity.ts'
import { ColumnHead, FigureTable } from '../../shell/figure-table.tsx'
import { Panel } from '../../shell/panel.tsx'

/** What the engine's zswap predicted beside what this host's kernel did, one table for each pair. */
export function TwinPanel({ twins }: { twins: readonly Twin[] }) {
  return (
    <Panel
      title="Model and kernel"
      lead="The engine's zswap beside the kernel's own. Medians of the trials, with the smallest and the largest; deviation of the model from the kernel."
    >
      <Stack gap="lg">
        {twins.map((twin) => (
          <TwinTable key={twin.kernel} twin={twin} />
        ))}
      </Stack>
    </Panel>
  )
}

function TwinTable({ twin: { model, kernel, compares, differences, rows } }: { twin: Twin }) {
  const shown = rows.filter((row) => row.model !== null || row.kernel !== null)
  return (
    <Stack gap="xs">
      <Text size="sm">
        {compares === 'zswap'
          ? 'The kernel was given the evictions of the model, one by one: zswap is compared, and not reclaim.'
          : 'The kernel chose by itself what to evict: zswap and reclaim are compared together.'}
      </Text>
      <FigureTable caption={`${model} beside ${kernel}`} className="twins" cards verticalSpacing={4} highlightOnHover>
        <Table.Thead>
          <Table.Tr>
            <ColumnHead>Figure</ColumnHead>
            <ColumnHead numeric>{model}</ColumnHead>
            <ColumnHead numeric>{kernel}</ColumnHead>
            <ColumnHead numeric>Deviation</ColumnHead>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {shown.map((row) => (
            <Table.Tr key={row.name}>
              <Table.Th scope="row" fw={400}>
                {row.title}
              </Table.Th>
              <Table.Td className="numeric" data-title={model}>
                <Figure row={row} figure={row.model} />
              </Table.Td>
              <Table.Td className="numeric" data-title={kernel}>
                <Figure row={row} figure={row.kernel} />
              </Table.Td>
              <Table.Td className="numeric" data-title="Deviation">
                {formatShift(row.deviation)}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </FigureTable>
      {differences.length > 0 && (
        <>
          <Text size="sm" fw={600}>
            Not the same on both sides
          </Text>
          <List size="sm" spacing={2}>
            {differences.map((difference) => (
              <List.Item key={difference}>{difference}</List.Item>
            ))}
          </List>
        </>
      )}
    </Stack>
  )
}

function Figure({ row: { unit }, figure }: { row: TwinRow; figure: TwinFigure | null }) {
  if (!figure) return <span title="it did not happen, or was not measured">{ABSENT}</span>
  const one = (value: number) => (unit === 'pages' ? formatCount(Math.round(value)) : formatMetric(value, unit))
  const { median, low, high } = figure
  return (
    <>
      {one(median)}
      {low !== high && (
        <span className="interval">
          {unit === 'pages' ? `${one(low)} … ${one(high)}` : formatInterval(low, high, unit)}
        </span>
      )}
    </>
  )
}
