import { ActionIcon, Anchor, Badge, Checkbox, Group, Table, Text } from '@mantine/core'
import { IconChartLine, IconTrash } from '@tabler/icons-react'
import { Link } from 'wouter'
import type { RunSummary } from '../../../main/contract/index.ts'
import { LaneSwatch } from '../../charts/lane-swatch.tsx'
import { ABSENT, formatDuration, formatWhen } from '../../format/quantity.ts'
import { BaselineBadge } from '../../shell/baseline-badge.tsx'
import { deleteRun } from '../../shell/delete-run.ts'
import { navigate } from '../../shell/hash-location.ts'
import { RunModeBadge } from '../../shell/run-mode.tsx'
import { RunStatusBadge } from '../../shell/run-status.tsx'

/** Lines that the lanes of a run may take. */
const MOST_LANES = 4

interface RunsTableProps {
  runs: readonly RunSummary[]
  chosen: ReadonlySet<string>
  onChoose: (run: RunSummary, wanted: boolean) => void
}

export function RunsTable({ runs, chosen, onChoose }: RunsTableProps) {
  return (
    <Table.ScrollContainer minWidth={520} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table verticalSpacing="xs" highlightOnHover bg="var(--mantine-color-body)">
        <caption className="unseen">Runs, newest first</caption>
        <Table.Thead>
          <Table.Tr>
            <Table.Th scope="col" w={36}>
              <span className="unseen">Compare</span>
            </Table.Th>
            <Table.Th scope="col" miw={150} w="18%">
              Name
            </Table.Th>
            <Table.Th scope="col">Status</Table.Th>
            <Table.Th scope="col">Started</Table.Th>
            <Table.Th scope="col" visibleFrom="md">
              Lanes
            </Table.Th>
            <Table.Th scope="col" visibleFrom="sm" w="34%">
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
    </Table.ScrollContainer>
  )
}

function Row({ run, chosen, onChoose }: { run: RunSummary; chosen: boolean; onChoose: RunsTableProps['onChoose'] }) {
  const underWay = run.status === 'queued' || run.status === 'running'
  const shown = run.lanes.length > MOST_LANES ? MOST_LANES - 1 : run.lanes.length
  return (
    <Table.Tr>
      <Table.Td>
        <Checkbox
          size="xs"
          aria-label={`Compare ${run.name}, ${formatWhen(run.startedAt)}`}
          checked={chosen}
          disabled={run.trialsDone === 0}
          onChange={({ currentTarget }) => onChoose(run, currentTarget.checked)}
        />
      </Table.Td>
      <Table.Th scope="row" fw={500}>
        <Anchor
          component={Link}
          size="sm"
          href={`/runs/${encodeURIComponent(run.id)}`}
          style={{ overflowWrap: 'anywhere' }}
        >
          {run.name}
        </Anchor>
        {run.tags.length > 0 && (
          <Group gap={4} mt={2}>
            {run.tags.map((tag) => (
              <Badge key={tag} size="sm" variant="default" tt="none" fw={400} maw="100%">
                {tag}
              </Badge>
            ))}
          </Group>
        )}
      </Table.Th>
      <Table.Td>
        <Group gap={4}>
          <RunStatusBadge status={run.status} />
          <RunModeBadge mode={run.mode} />
          {run.baseline && <BaselineBadge />}
        </Group>
      </Table.Td>
      <Table.Td style={{ whiteSpace: 'nowrap' }}>
        {formatWhen(run.startedAt)}
        <Text size="xs" c="dimmed" title="Duration">
          {formatDuration(run.durationMs)}
        </Text>
      </Table.Td>
      <Table.Td visibleFrom="md">
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
      <Table.Td visibleFrom="sm">
        <Text size="sm" lineClamp={3} title={run.headline ?? undefined}>
          {run.headline ?? ABSENT}
        </Text>
        {run.note && (
          <Text size="xs" c="dimmed" lineClamp={1}>
            {run.note}
          </Text>
        )}
      </Table.Td>
      <Table.Td>
        <Group gap={2} wrap="nowrap">
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Trend of ${run.name}, ${formatWhen(run.startedAt)}`}
            title="Trend: this experiment over its runs"
            disabled={run.status !== 'done'}
            onClick={() => navigate(`/trend?run=${encodeURIComponent(run.id)}`)}
          >
            <IconChartLine size={16} aria-hidden />
          </ActionIcon>
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label={`Delete run ${run.name}`}
            disabled={underWay}
            title={underWay ? 'Cancel it first' : undefined}
            onClick={() => deleteRun(run)}
          >
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </Group>
      </Table.Td>
    </Table.Tr>
  )
}
