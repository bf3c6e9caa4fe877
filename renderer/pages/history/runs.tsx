import { Group, Table, Text } from '@mantine/core'
import { memo } from 'react'
import { LaneSwatch } from '../../charts/lane-swatch.tsx'
import { ABSENT, formatDuration, formatWhen } from '../../format/quantity.ts'
import {
  ChooseRun,
  RunBadges,
  RunButtons,
  RunHeadline,
  RunLink,
  type RunProps,
  type RunsProps,
  RunTags,
} from './run-summary.tsx'

/** Lines that the lanes of a run may take. */
const MOST_LANES = 4

/** The history in a window with room for its columns. */
export const RunsTable = memo(function RunsTable({ runs, chosen, onChoose }: RunsProps) {
  return (
    <Table verticalSpacing="xs" highlightOnHover bg="var(--mantine-color-body)">
      <caption className="unseen">Runs, newest first</caption>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col" w={36}>
            <span className="unseen">Compare</span>
          </Table.Th>
          <Table.Th scope="col" w="22%">
            Name
          </Table.Th>
          <Table.Th scope="col">Status</Table.Th>
          <Table.Th scope="col">Started, duration</Table.Th>
          <Table.Th scope="col">Lanes</Table.Th>
          <Table.Th scope="col" w="34%">
            Headline
          </Table.Th>
          <Table.Th scope="col" w={80}>
            <span className="unseen">Trend and delete</span>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {runs.map((run) => (
          <Row key={run.id} run={run} chosen={chosen.has(run.id)} onChoose={onChoose} />
        ))}
      </Table.Tbody>
    </Table>
  )
})

/** Drawn again only when something of its run is new: a search is typed while fifty of them stand below it. */
const Row = memo(function Row(props: RunProps) {
  const { run } = props
  const shown = run.lanes.length > MOST_LANES ? MOST_LANES - 1 : run.lanes.length
  return (
    <Table.Tr>
      <Table.Td>
        <ChooseRun {...props} />
      </Table.Td>
      <Table.Th scope="row" fw={500}>
        <RunLink run={run} />
        <RunTags tags={run.tags} />
      </Table.Th>
      <Table.Td>
        <RunBadges run={run} />
      </Table.Td>
      <Table.Td style={{ whiteSpace: 'nowrap' }}>
        {formatWhen(run.startedAt)}
        <Text size="xs" c="dimmed">
          {formatDuration(run.durationMs)}
        </Text>
      </Table.Td>
      <Table.Td>
        {run.lanes.slice(0, shown).map((label, index) => (
          <Group key={label} gap={6} wrap="nowrap">
            <LaneSwatch index={index} />
            <Text size="xs" truncate maw={190} title={label}>
              {label}
            </Text>
          </Group>
        ))}
        {run.lanes.length > shown && (
          <Text size="xs" c="dimmed" title={run.lanes.slice(shown).join('\n')}>
            and {run.lanes.length - shown} more
          </Text>
        )}
      </Table.Td>
      <Table.Td>{run.headline || run.note ? <RunHeadline run={run} lines={3} /> : ABSENT}</Table.Td>
      <Table.Td>
        <RunButtons run={run} />
      </Table.Td>
    </Table.Tr>
  )
})
