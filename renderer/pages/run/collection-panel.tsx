import { Button, Group, Text } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { collectedText, type RunDocument } from '../../../main/contract/index.ts'
import { lab, queries, queryClient } from '../../lab-client.ts'
import { FaultAlert } from '../../shell/fault-alert.tsx'
import { useWithConsent } from '../../shell/with-consent.tsx'

/** What was collected beyond the plan, and the way to collect more where a verdict does not stand. */
export function CollectionPanel({ document: { run, spec, verdicts } }: { document: RunDocument }) {
  const more = useWithConsent({
    act: (_measurement, privileged) => lab.runs.more({ id: run.id, privileged }),
    onDone: () => queryClient.invalidateQueries({ queryKey: queries.runs.key() }),
  })
  const open = run.status === 'done' && verdicts.some(({ answer }) => answer === 'unknown')
  if (!open && !run.collection) return null
  return (
    <>
      <Group gap="sm" mih={30}>
        {run.collection && (
          <Text size="sm" style={{ flex: '1 1 320px' }}>
            {collectedText(run.collection)}
          </Text>
        )}
        {open && (
          <>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconPlus size={14} aria-hidden />}
              loading={more.isPending}
              onClick={() => more.ask({ spec, swapDir: run.swapfile?.directory })}
            >
              Collect more trials
            </Button>
            <Text size="xs" c="dimmed" style={{ flex: '1 1 260px' }}>
              Whole blocks are added until the verdicts stand, at most 120 trials a lane. A later block is still a
              block: its lanes are interleaved.
            </Text>
          </>
        )}
      </Group>
      {more.fault && <FaultAlert title="No more could be collected" fault={more.fault} />}
      {more.consent}
    </>
  )
}
