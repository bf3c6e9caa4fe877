import { Button, Group, NativeSelect, NumberInput, Stack, Text } from '@mantine/core'
import { IconCopy } from '@tabler/icons-react'
import { useState } from 'react'
import { type ExperimentSpec, laneLabel, parseSpec, twinLanes } from '../../../main/contract/index.ts'
import { lab, queries, queryClient } from '../../lab-client.ts'
import { FaultAlert } from '../../shell/fault-alert.tsx'
import { navigate } from '../../shell/hash-location.ts'
import { Panel } from '../../shell/panel.tsx'
import { type Measurement, useWithConsent } from '../../shell/with-consent.tsx'

const MOST_REPEATS = 100

interface AaPanelProps {
  /** The experiment as it stands in the form; its first problem would be the lab's refusal. */
  values: unknown
  valid: boolean
  /** A text that is not read yet, or was refused, has replaced it. */
  unread: boolean
  swapDir: string | undefined
}

interface AaRequest extends Measurement {
  spec: ExperimentSpec
}

/** One lane against itself: whether this host and this lab can be trusted with the question at all. */
export function AaPanel({ values, valid, unread, swapDir }: AaPanelProps) {
  const [lane, setLane] = useState(0)
  const [repeat, setRepeat] = useState<number | string>(1)
  const labels = valid ? parseSpec(values).lanes.map(laneLabel) : []
  const times =
    typeof repeat === 'number' && Number.isInteger(repeat) && repeat >= 1 && repeat <= MOST_REPEATS ? repeat : null
  const start = useWithConsent({
    act: async ({ spec }: AaRequest, privileged) => {
      const ids: string[] = []
      // Another seed each time, and so another order of trials.
      for (let turn = 0; turn < (times ?? 1); turn++)
        ids.push(
          (await lab.runs.start({ spec: { ...spec, seed: (spec.seed + turn) % 2 ** 32 }, swapDir, privileged })).id,
        )
      return ids
    },
    onDone: (ids) => {
      void queryClient.invalidateQueries({ queryKey: queries.runs.key() })
      navigate(ids.length === 1 ? `/runs/${encodeURIComponent(ids[0])}` : '/history')
    },
  })
  return (
    <Panel
      title="A/A"
      lead="A lane against itself must be the same. Where it is not, no other verdict of this host can be trusted."
    >
      <Stack gap="sm">
        <Group gap="sm" align="flex-end" grow preventGrowOverflow={false} wrap="wrap">
          <NativeSelect
            size="sm"
            label="Lane"
            value={String(Math.min(lane, Math.max(0, labels.length - 1)))}
            disabled={!valid}
            onChange={({ currentTarget }) => setLane(Number(currentTarget.value))}
            data={labels.map((label, index) => ({ value: String(index), label }))}
          />
          <NumberInput
            size="sm"
            label="Runs"
            maw={96}
            min={1}
            max={MOST_REPEATS}
            clampBehavior="none"
            value={repeat}
            error={times === null ? `1 to ${MOST_REPEATS}` : undefined}
            onChange={setRepeat}
          />
        </Group>
        <Text size="xs" c="dimmed">
          Six blocks at least, and more until it is settled.
        </Text>
        <Button
          variant="default"
          fullWidth
          leftSection={<IconCopy size={16} aria-hidden />}
          disabled={!valid || unread || times === null}
          loading={start.isPending}
          onClick={() => start.ask({ spec: twinLanes(parseSpec(values), Math.min(lane, labels.length - 1)), swapDir })}
        >
          Run A/A
        </Button>
        {start.fault && <FaultAlert title="The A/A could not be started" fault={start.fault} />}
        {start.consent}
      </Stack>
    </Panel>
  )
}
