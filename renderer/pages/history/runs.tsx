import { Box, Group, Paper, Table, Text } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { memo, useDeferredValue } from 'react'
import type { RunSummary } from '../../../main/contract/index.ts'
import { LaneSwatch } from '../../charts/lane-swatch.tsx'
import { ABSENT, formatDuration, formatWhen } from '../../format/quantity.ts'
import { ColumnHead } from '../../shell/figure-table.tsx'
import { ChooseRun, RunBadges, RunButtons, RunHeadline, RunLink, type RunProps, RunTags } from './run-pieces.tsx'

/** Mantine's `lg`: below it the columns beside the navigation are too narrow to be read. */
const ROOM_FOR_COLUMNS = '(min-width: 75em)'
/** Lines that the lanes of a run may take. */
const MOST_LANES = 4
const CAPTION = 'Runs, newest first'

interface RunsProps {
  runs: readonly RunSummary[]
  chosen: ReadonlySet<string>
  onChoose: RunProps['onChoose']
}

/** A page of the history: a table where there is room for its columns, otherwise a list, in which nothing is scrolled sideways. */
export const Runs = memo(function Runs({ runs, chosen, onChoose }: RunsProps) {
  // The rows give way to what is typed or clicked meanwhile. Not deferred by the page: where a query of what is drawn in
  // slices answers meanwhile, React draws all of it again at once.
  const shown = useDeferredValue(runs)
  const wide = useMediaQuery(ROOM_FOR_COLUMNS, true, { getInitialValueInEffect: false })
  const Run = wide ? Row : Item
  const each = shown.map((run) => <Run key={run.id} run={run} chosen={chosen.has(run.id)} onChoose={onChoose} />)
  if (!wide)
    return (
      <Paper component="ul" withBorder p={0} m={0} aria-label={CAPTION} style={{ listStyle: 'none' }}>
        {each}
      </Paper>
    )
  return (
    <Table verticalSpacing="xs" highlightOnHover bg="var(--mantine-color-body)">
      <caption className="unseen">{CAPTION}</caption>
      <Table.Thead>
        <Table.Tr>
          <ColumnHead w={36}>
            <span className="unseen">Compare</span>
          </ColumnHead>
          <ColumnHead w="22%">Name</ColumnHead>
          <ColumnHead>Status</ColumnHead>
          <ColumnHead>Started, duration</ColumnHead>
          <ColumnHead>Lanes</ColumnHead>
          <ColumnHead w="34%">Headline</ColumnHead>
          <ColumnHead w={80}>
            <span className="unseen">Trend and delete</span>
          </ColumnHead>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>{each}</Table.Tbody>
    </Table>
  )
})

// Both are drawn again only when something of their run is new: a search is typed while fifty of them stand below it.

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

const Item = memo(function Item(props: RunProps) {
  const { run } = props
  return (
    <li className="run-item">
      <Box pt={3}>
        <ChooseRun {...props} />
      </Box>
      <Box miw={0}>
        <Group gap="xs" justify="space-between" align="flex-start">
          <RunLink run={run} />
          <RunBadges run={run} />
        </Group>
        <Text size="xs" c="dimmed" mb={2}>
          {formatWhen(run.startedAt)} · {formatDuration(run.durationMs)} · {run.lanes.length}{' '}
          {run.lanes.length === 1 ? 'lane' : 'lanes'}
        </Text>
        <RunHeadline run={run} lines={4} />
        <Group gap="xs" justify="space-between" wrap="nowrap" align="flex-end">
          <RunTags tags={run.tags} />
          <Box ml="auto">
            <RunButtons run={run} />
          </Box>
        </Group>
      </Box>
    </li>
  )
})
