import { Group, Skeleton, Table, Text } from '@mantine/core'
import { IconCircleCheck, IconCircleX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { queries } from '../../lab-client.ts'
import { ErrorAlert } from '../../shell/fault-alert.tsx'
import { ColumnHead } from '../../shell/figure-table.tsx'
import { Panel } from '../../shell/panel.tsx'

/** The compressors of this host: the system's own libraries, and the package that brings a missing one. */
export function CodecsPanel() {
  const codecs = useQuery(queries.codecs.queryOptions({ staleTime: 30_000 }))
  return (
    <Panel title="Codecs" lead="The system's own libraries, opened at run time.">
      {codecs.error ? (
        <ErrorAlert title="The codecs could not be listed" error={codecs.error} onRetry={() => codecs.refetch()} />
      ) : !codecs.data ? (
        <Skeleton h={200} />
      ) : (
        <Table verticalSpacing={6}>
          <caption className="unseen">Codecs of this host</caption>
          <Table.Thead>
            <Table.Tr>
              <ColumnHead>Codec</ColumnHead>
              <ColumnHead>Here</ColumnHead>
              <ColumnHead>Package</ColumnHead>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {codecs.data.map((codec) => (
              <Table.Tr key={codec.codec}>
                <Table.Th scope="row">{codec.codec}</Table.Th>
                <Table.Td c={codec.available ? 'var(--swaplab-good)' : 'var(--swaplab-bad)'}>
                  <Group gap={6} wrap="nowrap">
                    {codec.available ? (
                      <IconCircleCheck size={16} aria-hidden style={{ flex: 'none' }} />
                    ) : (
                      <IconCircleX size={16} aria-hidden style={{ flex: 'none' }} />
                    )}
                    {codec.available ? 'available' : `unavailable: ${codec.reason ?? 'no reason given'}`}
                  </Group>
                  {codec.library && (
                    <Text size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                      {codec.library} {codec.version}
                    </Text>
                  )}
                </Table.Td>
                <Table.Td>{codec.package}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Panel>
  )
}
