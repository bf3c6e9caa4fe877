import { ActionIcon, Box, Button, Fieldset, Group, Paper, Stack, Text, Title, UnstyledButton } from '@mantine/core'
import {
  IconArrowDown,
  IconArrowUp,
  IconChevronDown,
  IconChevronRight,
  IconCopy,
  IconPlus,
  IconTrash,
} from '@tabler/icons-react'
import { useId, useState } from 'react'
import { LaneSpec, laneLabel } from '../../main/contract/index.ts'
import { LaneSwatch } from '../charts/lane-swatch.tsx'
import { focusWhenDrawn } from '../shell/focus-when-drawn.ts'
import { offerUndo } from '../shell/offer-undo.tsx'
import { draftValues } from './draft.ts'
import { type Field, fallbackOf, type ListField, switchVariant } from './field.ts'
import { VariantFields } from './fields.tsx'
import { allFolded, foldedAtFirst, withFold, withInserted, withRemoved, withSwapped } from './folds.ts'
import type { FormState } from './form-state.ts'
import { isTroubled } from './more-options.tsx'
import { dotted, isRecord, type Path, valueAt } from './values.ts'

/** The lanes of the experiment: add, duplicate, remove, reorder. A lane's colour goes with its place. */
export function LanesEditor({ field, base, state }: { field: ListField; base: Path; state: FormState }) {
  const found = valueAt(state.values, base)
  const lanes: readonly unknown[] = Array.isArray(found) ? found : []
  const full = lanes.length >= field.maximum
  const change = (next: readonly unknown[]) => state.change(base, next)
  const [folds, setFolds] = useState(() => foldedAtFirst(lanes.length))
  // It stays open when the problem is solved: a field must not vanish while it is typed in.
  const troubled = [...folds].filter((place) => isTroubled(state, dotted([...base, place])))
  if (troubled.length > 0) setFolds(troubled.reduce((open, place) => withFold(open, place, false), folds))
  const canFold = lanes.some((_, place) => !folds.has(place) && !isTroubled(state, dotted([...base, place])))
  const insert = (at: number, lane: unknown) => {
    change(lanes.toSpliced(at, 0, lane))
    setFolds(withInserted(folds, at))
  }
  const move = (first: number, by: 1 | -1) => {
    const second = first + by
    const next = [...lanes]
    next[first] = lanes[second]
    next[second] = lanes[first]
    change(next)
    setFolds(withSwapped(folds, first, second))
    // The focus goes with the lane: pressed again, it moves on. At the end of the way, its other direction.
    const end = by < 0 ? second === 0 : second === lanes.length - 1
    focusWhenDrawn(laneButton(second, by < 0 === end ? 'down' : 'up'))
  }
  const remove = (lane: unknown, index: number) => {
    change(lanes.toSpliced(index, 1))
    setFolds(withRemoved(folds, index))
    focusWhenDrawn(
      lanes.length - 1 <= field.minimum ? ADD_LANE : laneButton(Math.min(index, lanes.length - 2), 'remove'),
    )
    offerUndo({
      id: 'lane-removed',
      title: `Lane ${index + 1} removed`,
      what: nameOf(lane) ?? 'as it was typed',
      undo: () => {
        // Among the lanes as they are by then.
        const now = valueAt(draftValues(), base)
        if (!Array.isArray(now)) return
        change(now.toSpliced(index, 0, lane))
        setFolds((then) => withInserted(then, index))
      },
    })
  }
  const problem = state.problems.get(dotted(base))
  return (
    <Fieldset legend="Lanes">
      <Stack gap="sm">
        <Group justify="space-between" align="flex-start" gap="xs">
          <Box style={{ flex: '1 1 260px' }}>
            <Text size="sm" c="dimmed">
              Each lane is one way of running the same workload with the same RAM. Trials of all lanes are interleaved.
            </Text>
            {missingOf(state).map((text) => (
              <Text key={text} size="xs" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
                {text}
              </Text>
            ))}
          </Box>
          {lanes.length > 1 && (
            <Button
              variant="subtle"
              size="compact-sm"
              onClick={() => setFolds(canFold ? allFolded(lanes.length) : new Set())}
            >
              {canFold ? 'Fold all lanes' : 'Open all lanes'}
            </Button>
          )}
        </Group>
        {lanes.map((lane, index) => (
          // A lane has no identity but its place: its colour, its path in every problem, its row in the report.
          <LaneCard
            key={dotted([...base, index])}
            index={index}
            count={lanes.length}
            field={field}
            lane={lane}
            path={[...base, index]}
            state={state}
            full={full}
            folded={folds.has(index)}
            onFold={(folded) => setFolds(withFold(folds, index, folded))}
            onDuplicate={() => insert(index + 1, copyOf(lane, lanes))}
            onRemove={() => remove(lane, index)}
            onMove={(by) => move(index, by)}
          />
        ))}
        {problem && (
          <Text size="sm" c="var(--mantine-color-error)">
            {problem}
          </Text>
        )}
        <Group>
          <Button
            id={ADD_LANE}
            variant="default"
            size="xs"
            leftSection={<IconPlus size={14} aria-hidden />}
            disabled={full}
            onClick={() => insert(lanes.length, another(lanes, field.item, state))}
          >
            Add lane
          </Button>
          <Text size="xs" c="dimmed">
            {lanes.length} of at most {field.maximum}
          </Text>
        </Group>
      </Stack>
    </Fieldset>
  )
}

/** What this host does not have, of all that a lane can be made of. */
const missingOf = ({ facts }: FormState): string[] =>
  ['lane', 'codec'].flatMap((key) =>
    [...(facts.get(key) ?? [])].flatMap(([option, { unavailable }]) =>
      unavailable === null ? [] : [`Unavailable: ${option}: ${unavailable}`],
    ),
  )

const ADD_LANE = 'add-lane'
const laneButton = (index: number, does: 'up' | 'down' | 'remove') => `lane-${index}-${does}`

const nameOf = (lane: unknown): string | undefined => {
  const parsed = LaneSpec.safeParse(lane)
  return parsed.success ? laneLabel(parsed.data) : undefined
}

/** A lane at its defaults, of the first kind that this host has and that has another name than all that are there. */
function another(lanes: readonly unknown[], item: Field, { facts }: FormState): unknown {
  if (item.kind !== 'variants') return fallbackOf(item)
  const names = new Set(lanes.map(nameOf))
  const kinds = [...item.variants.keys()].filter((kind) => !facts.get(item.discriminator)?.get(kind)?.unavailable)
  const fresh = kinds.map((kind) => switchVariant(item, {}, kind)).find((lane) => !names.has(nameOf(lane)))
  return fresh ?? copyOf(fallbackOf(item), lanes)
}

/** Characters that a label has room for beside " (copy 12)". */
const COPIED = 50

/** A copy may not bear the same label: two lanes of one name cannot be told apart. */
function copyOf(lane: unknown, lanes: readonly unknown[]): unknown {
  if (!isRecord(lane)) return lane
  const names = new Set(lanes.map(nameOf))
  const name = nameOf(lane)?.slice(0, COPIED)
  const labels = lanes.map((_, at) => `${name} (${at === 0 ? 'copy' : `copy ${at + 1}`})`)
  return { ...lane, label: name === undefined ? undefined : labels.find((label) => !names.has(label)) }
}

interface LaneCardProps {
  index: number
  count: number
  field: ListField
  lane: unknown
  path: Path
  state: FormState
  full: boolean
  /** To its name. */
  folded: boolean
  onFold: (folded: boolean) => void
  onDuplicate: () => void
  onRemove: () => void
  onMove: (by: 1 | -1) => void
}

function LaneCard({ index, count, field, lane, path, state, full, folded, ...does }: LaneCardProps) {
  const { onFold, onDuplicate, onRemove, onMove } = does
  const id = useId()
  const fieldsId = useId()
  const name = nameOf(lane)
  const number = `lane ${index + 1}`
  if (field.item.kind !== 'variants') return null
  const Chevron = folded ? IconChevronRight : IconChevronDown
  return (
    <Paper withBorder p="sm" role="group" aria-labelledby={id}>
      <Group justify="space-between" mb={folded ? 0 : 'xs'} wrap="nowrap">
        <Title order={3} size="sm" id={id} style={{ minWidth: 0 }}>
          <UnstyledButton
            fz="inherit"
            fw="inherit"
            aria-expanded={!folded}
            aria-controls={folded ? undefined : fieldsId}
            onClick={() => onFold(!folded)}
          >
            <Group component="span" gap="xs" wrap="nowrap">
              <Chevron size={14} aria-hidden style={{ flex: 'none' }} />
              <LaneSwatch index={index} />
              <span style={{ overflowWrap: 'anywhere' }}>
                Lane {index + 1}
                {name !== undefined && `: ${name}`}
              </span>
            </Group>
          </UnstyledButton>
        </Title>
        <Group gap={4} wrap="nowrap">
          <ActionIcon
            variant="default"
            id={laneButton(index, 'up')}
            aria-label={`Move ${number} up`}
            disabled={index === 0}
            onClick={() => onMove(-1)}
          >
            <IconArrowUp size={16} aria-hidden />
          </ActionIcon>
          <ActionIcon
            variant="default"
            id={laneButton(index, 'down')}
            aria-label={`Move ${number} down`}
            disabled={index === count - 1}
            onClick={() => onMove(1)}
          >
            <IconArrowDown size={16} aria-hidden />
          </ActionIcon>
          <ActionIcon variant="default" aria-label={`Duplicate ${number}`} disabled={full} onClick={onDuplicate}>
            <IconCopy size={16} aria-hidden />
          </ActionIcon>
          <ActionIcon
            variant="default"
            id={laneButton(index, 'remove')}
            aria-label={`Remove ${number}`}
            disabled={count <= field.minimum}
            onClick={onRemove}
          >
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        </Group>
      </Group>
      {!folded && (
        <div id={fieldsId}>
          <VariantFields field={field.item} base={path} state={state} />
        </div>
      )}
    </Paper>
  )
}
