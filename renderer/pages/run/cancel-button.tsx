import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconPlayerStop } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import { lab, queries, queryClient } from '../../lab-client.ts'
import { ErrorAlert } from '../../shell/fault-alert.tsx'

/** Cancels a run after asking; what was measured is kept. */
export function CancelButton({ id }: { id: string }) {
  const [asking, { open, close }] = useDisclosure(false)
  const cancel = useMutation({
    mutationFn: () => lab.runs.cancel({ id }),
    onSuccess: () => {
      close()
      return queryClient.invalidateQueries({ queryKey: queries.runs.key() })
    },
  })
  return (
    <>
      <Button size="xs" variant="default" leftSection={<IconPlayerStop size={14} aria-hidden />} onClick={open}>
        Cancel run
      </Button>
      <Modal opened={asking} onClose={close} title="Cancel this run?">
        <Stack>
          <Text size="sm">
            The trial under way is lost; finished trials are kept and the run is listed as cancelled.
          </Text>
          {cancel.error && <ErrorAlert title="The run could not be cancelled" error={cancel.error} />}
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
