import { ActionIcon, Badge, Button, Group } from '@mantine/core'
import { IconFlask } from '@tabler/icons-react'
import {
  type LabFault,
  type Mode,
  pointSpec,
  pointValues,
  RecordedSpec,
  type SweepDocument,
} from '../../../main/contract/index.ts'
import { valueText } from '../../format/sweep-axis.ts'
import { inWords } from '../../lab/fault.ts'
import { openDraft } from '../../spec-form/load-draft.ts'
import { isRecord } from '../../spec-form/values.ts'

/** Of an experiment, at most. */
const NAME_LENGTH = 120

/** What a point is on its page, piece by piece: a row and an item are made of these. */

/** Why there is no figure of a point. */
export const reasonOf = (fault: LabFault | null): string =>
  `Not possible: ${fault ? inWords(fault) : 'no reason was given.'}`

/** Of all points, the one of its lane. */
export function BestBadge({ metric }: { metric: string }) {
  return (
    <Badge
      variant="outline"
      size="sm"
      tt="none"
      title={`The best ${metric} of this lane`}
      style={{ color: 'var(--swaplab-good)', borderColor: 'var(--swaplab-good)', flex: 'none' }}
    >
      best
    </Badge>
  )
}

/** The point as an experiment in New run: to be measured, or simulated once more with its whole report. */
export function TryIt({ document: { spec, sweep }, position }: { document: SweepDocument; position: number }) {
  const values = pointValues(sweep.axes, position).map(valueText).join(', ')
  const load = (mode: Mode) => {
    const found = pointSpec(spec, sweep.axes, position)
    if (!isRecord(found)) return
    // In the history the points of a sweep are told apart by their names.
    const point = { ...found, mode, name: `${sweep.name}: ${values}`.slice(0, NAME_LENGTH) }
    // The form shows every field, and what breaks a rule between them as such.
    openDraft(RecordedSpec.safeParse(point).data ?? point)
  }
  return (
    <Group gap={4} wrap="nowrap" justify="flex-end">
      <Button
        size="compact-xs"
        variant="default"
        aria-label={`Measure it: ${values}`}
        title="Put this point into New run, to be measured on the disk"
        onClick={() => load('measure')}
      >
        Measure it
      </Button>
      <ActionIcon
        size="sm"
        variant="default"
        aria-label={`Simulate with report: ${values}`}
        title="Simulate with report: put this point into New run, to be simulated with the report of a run"
        onClick={() => load('simulate')}
      >
        <IconFlask size={14} aria-hidden />
      </ActionIcon>
    </Group>
  )
}
