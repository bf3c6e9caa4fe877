import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlayerStop } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { lab, queries, queryClient } from '../lab-client.ts'
import { ErrorAlert } from './fault-alert.tsx'

const KEPT = {
  run: 'The trial under way is lost; finished trials are kept and the run is listed as cancelled.',
  collection: 'The trial under way is lost; finished trials are kept, and the run is done as it was before.',
  sweep: 'Points that are done are kept and the sweep is listed as cancelled. It cannot be gone on with.',
} as const

interface CancelButtonProps {
  of: 'run' | 'sweep'
  id: string
  /** A finished run that collects more trials. */
  collecting?: boolean
}

/** Cancels a run or a sweep after asking; what there is of it is kept. */
export function CancelButton({ of, id, collecting = false }: CancelButtonProps) {
  const [asking, { open, close }] = useDisclosure(false)
  const kind = of === 'run' ? 'runs' : 'sweeps'
  const cancel = useMutation({
    mutationFn: () => lab[kind].cancel({ id }),
    onSuccess: () => {
      close()
      return queryClient.invalidateQueries({ queryKey: queries[kind].key() })
    },
  })
  return (
    <>
      <Button size="xs" variant="default" leftSection={<IconPlayerStop size={14} aria-hidden />} onClick={open}>
        Cancel {of}
      </Button>
      <Modal opened={asking} onClose={close} title={`Cancel this ${of}?`}>
        <Stack>
          <Text size="sm">{KEPT[collecting ? 'collection' : of]}</Text>
          {cancel.error && <ErrorAlert title={`The ${of} could not be cancelled`} error={cancel.error} />}
          <Group justify="flex-end">
            <Button variant="default" data-autofocus onClick={close}>
              Keep running
            </Button>
            <Button color="red" loading={cancel.isPending} onClick={() => cancel.mutate()}>
              Yes, cancel
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  )
}
