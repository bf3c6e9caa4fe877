import { Box, Group, Paper, Text } from '@mantine/core'
import { memo } from 'react'
import { formatDuration, formatWhen } from '../../format/quantity.ts'
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

/** The history in a narrow window: nothing stands beside what it does not belong to, and nothing is scrolled sideways. */
export const RunsList = memo(function RunsList({ runs, chosen, onChoose }: RunsProps) {
  return (
    <Paper component="ul" withBorder p={0} m={0} aria-label="Runs, newest first" style={{ listStyle: 'none' }}>
      {runs.map((run) => (
        <Item key={run.id} run={run} chosen={chosen.has(run.id)} onChoose={onChoose} />
      ))}
    </Paper>
  )
})

/** Drawn again only when something of its run is new: a search is typed while fifty of them stand below it. */
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
