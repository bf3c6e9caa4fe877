import { ActionIcon, Anchor, Box, Group, Paper, Table, Text } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconTrash } from '@tabler/icons-react'
import { Link } from 'wouter'
import type { SweepSummary } from '../../../main/contract/index.ts'
import { formatCount, formatDuration, formatWhen } from '../../format/quantity.ts'
import { axisText } from '../../format/sweep-axis.ts'
import { deleteAndGoOn, deleteSweep } from '../../shell/delete-kept.ts'
import { ColumnHead } from '../../shell/figure-table.tsx'
import { RunModeBadge } from '../../shell/run-mode.tsx'
import { isUnderWay, RunStatusBadge } from '../../shell/run-status.tsx'

/** Mantine's `md`: below it a list, in which nothing is scrolled sideways. */
const ROOM_FOR_COLUMNS = '(min-width: 62em)'
const CAPTION = 'Sweeps, newest first'

export function Sweeps({ sweeps }: { sweeps: readonly SweepSummary[] }) {
  const wide = useMediaQuery(ROOM_FOR_COLUMNS, true, { getInitialValueInEffect: false })
  if (!wide)
    return (
      <Paper component="ul" withBorder p={0} m={0} aria-label={CAPTION} style={{ listStyle: 'none' }}>
        {sweeps.map((sweep) => (
          <Item key={sweep.id} sweep={sweep} />
        ))}
      </Paper>
    )
  return (
    <Table verticalSpacing="xs" highlightOnHover bg="var(--mantine-color-body)">
      <caption className="unseen">{CAPTION}</caption>
      <Table.Thead>
        <Table.Tr>
          <ColumnHead w="26%">Name</ColumnHead>
          <ColumnHead>Varied</ColumnHead>
          <ColumnHead>Status</ColumnHead>
          <ColumnHead numeric>Points</ColumnHead>
          <ColumnHead>Started, duration</ColumnHead>
          <ColumnHead w={50}>
            <span className="unseen">Delete</span>
          </ColumnHead>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {sweeps.map((sweep) => (
          <Table.Tr key={sweep.id}>
            <Table.Th scope="row" fw={500}>
              <SweepLink sweep={sweep} />
            </Table.Th>
            <Table.Td>
              <Varied sweep={sweep} />
            </Table.Td>
            <Table.Td>
              <Badges sweep={sweep} />
            </Table.Td>
            <Table.Td className="numeric">{pointsText(sweep)}</Table.Td>
            <Table.Td style={{ whiteSpace: 'nowrap' }}>
              {formatWhen(sweep.startedAt)}
              <Text size="xs" c="dimmed">
                {durationText(sweep)}
              </Text>
            </Table.Td>
            <Table.Td>
              <Delete sweep={sweep} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  )
}

function Item({ sweep }: { sweep: SweepSummary }) {
  return (
    <Box component="li" className="sweep-item">
      <Group gap="xs" justify="space-between" align="flex-start">
        <SweepLink sweep={sweep} />
        <Badges sweep={sweep} />
      </Group>
      <Varied sweep={sweep} />
      <Group gap="xs" justify="space-between" wrap="nowrap">
        <Text size="xs" c="dimmed">
          {pointsText(sweep)} points · {formatWhen(sweep.startedAt)} · {durationText(sweep)}
        </Text>
        <Delete sweep={sweep} />
      </Group>
    </Box>
  )
}

const pointsText = ({ done, points }: SweepSummary): string =>
  done === points ? formatCount(points) : `${formatCount(done)} of ${formatCount(points)}`

const durationText = ({ startedAt, endedAt }: SweepSummary): string =>
  endedAt === null ? 'under way' : formatDuration(Date.parse(endedAt) - Date.parse(startedAt))

function SweepLink({ sweep }: { sweep: SweepSummary }) {
  return (
    <Anchor
      component={Link}
      size="sm"
      fw={500}
      href={`/sweeps/${encodeURIComponent(sweep.id)}`}
      style={{ overflowWrap: 'anywhere' }}
    >
      <bdi>{sweep.name}</bdi>
    </Anchor>
  )
}

function Varied({ sweep: { axes } }: { sweep: SweepSummary }) {
  return axes.map((axis) => (
    <Text key={axis.field} size="xs" style={{ overflowWrap: 'anywhere' }}>
      {axisText(axis)}
    </Text>
  ))
}

function Badges({ sweep: { status } }: { sweep: SweepSummary }) {
  return (
    <Group gap={4}>
      <RunStatusBadge status={status} />
      <RunModeBadge mode="simulate" />
    </Group>
  )
}

function Delete({ sweep }: { sweep: SweepSummary }) {
  if (isUnderWay(sweep)) return null
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      aria-label={`Delete sweep ${sweep.name}`}
      title="Delete, with an undo"
      onClick={({ currentTarget }) => deleteAndGoOn(() => deleteSweep(sweep), currentTarget)}
    >
      <IconTrash size={16} aria-hidden />
    </ActionIcon>
  )
}
