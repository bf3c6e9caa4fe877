import { ActionIcon, Anchor, Badge, Checkbox, Group, Text } from '@mantine/core'
import { IconChartLine, IconTrash } from '@tabler/icons-react'
import { Link } from 'wouter'
import type { RunSummary } from '../../../main/contract/index.ts'
import { formatWhen, wholeFigures } from '../../format/quantity.ts'
import { BaselineBadge } from '../../shell/baseline-badge.tsx'
import { deleteAndGoOn, deleteRun } from '../../shell/delete-kept.ts'
import { navigate } from '../../shell/hash-location.ts'
import { RunModeBadge } from '../../shell/run-mode.tsx'
import { isUnderWay, RunStatusBadge } from '../../shell/run-status.tsx'

/** What a run is in the history, piece by piece: a row and an item are made of these. */

/** Tags of a run that are shown; its page has all. */
const MOST_TAGS = 6

export interface RunProps {
  run: RunSummary
  chosen: boolean
  onChoose: (run: RunSummary, wanted: boolean) => void
}

export function ChooseRun({ run, chosen, onChoose }: RunProps) {
  return (
    <Checkbox
      size="xs"
      aria-label={`Compare ${run.name}, ${formatWhen(run.startedAt)}`}
      title={run.trialsDone === 0 ? 'No trial was finished: there is nothing to compare' : undefined}
      checked={chosen}
      disabled={run.trialsDone === 0}
      onChange={({ currentTarget }) => onChoose(run, currentTarget.checked)}
    />
  )
}

export function RunLink({ run }: { run: RunSummary }) {
  return (
    <Anchor
      component={Link}
      size="sm"
      fw={500}
      href={`/runs/${encodeURIComponent(run.id)}`}
      style={{ overflowWrap: 'anywhere' }}
    >
      <bdi>{run.name}</bdi>
    </Anchor>
  )
}

export function RunBadges({ run }: { run: RunSummary }) {
  return (
    <Group gap={4}>
      <RunStatusBadge status={run.status} />
      <RunModeBadge mode={run.mode} />
      {run.baseline && <BaselineBadge />}
    </Group>
  )
}

export function RunTags({ tags }: { tags: readonly string[] }) {
  if (tags.length === 0) return null
  const shown = tags.length > MOST_TAGS ? MOST_TAGS - 1 : tags.length
  return (
    <Group gap={4} mt={2}>
      {tags.slice(0, shown).map((tag) => (
        <Badge key={tag} size="sm" variant="default" tt="none" fw={400} maw="100%" title={tag}>
          <bdi>{tag}</bdi>
        </Badge>
      ))}
      {tags.length > shown && (
        <Text size="xs" c="dimmed" title={tags.slice(shown).join('\n')}>
          and {tags.length - shown} more
        </Text>
      )}
    </Group>
  )
}

/** The answer of a run and what somebody noted of it; nothing where there is neither. */
export function RunHeadline({ run, lines }: { run: RunSummary; lines: number }) {
  return (
    <>
      {run.headline && (
        <Text size="sm" lineClamp={lines} title={run.headline}>
          {wholeFigures(run.headline)}
        </Text>
      )}
      {run.note && (
        <Text size="xs" c="dimmed" lineClamp={1} title={run.note}>
          <bdi>{run.note}</bdi>
        </Text>
      )}
    </>
  )
}

export function RunButtons({ run }: { run: RunSummary }) {
  return (
    <Group gap={2} wrap="nowrap">
      {run.status === 'done' && (
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={`Trend of ${run.name}, ${formatWhen(run.startedAt)}`}
          title="Trend: this experiment over its runs"
          onClick={() => navigate(`/trend?run=${encodeURIComponent(run.id)}`)}
        >
          <IconChartLine size={16} aria-hidden />
        </ActionIcon>
      )}
      {!isUnderWay(run) && (
        <ActionIcon
          variant="subtle"
          color="gray"
          ml="auto"
          aria-label={`Delete run ${run.name}`}
          title="Delete, with an undo"
          onClick={({ currentTarget }) => deleteAndGoOn(() => deleteRun(run), currentTarget)}
        >
          <IconTrash size={16} aria-hidden />
        </ActionIcon>
      )}
    </Group>
  )
}
