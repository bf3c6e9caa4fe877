import { Button, Group, Text } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { collectedText, type RunDocument } from '../../../main/contract/index.ts'
import { lab, queries, queryClient } from '../../lab-client.ts'
import { ErrorAlert } from '../../shell/fault-alert.tsx'

/** What was collected beyond the plan, and the way to collect more where a verdict does not stand. */
export function CollectionPanel({ document: { run, verdicts } }: { document: RunDocument }) {
  const more = useMutation({
    mutationFn: () => lab.runs.more({ id: run.id }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queries.runs.key() }),
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
              onClick={() => more.mutate()}
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
      {more.error && <ErrorAlert title="No more could be collected" error={more.error} />}
    </>
  )
}
