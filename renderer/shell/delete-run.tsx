import { Button, Group, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { faultFrom } from '../lab/fault.ts'
import { lab, queries, queryClient } from '../lab-client.ts'

const UNDO_MS = 10_000

const refresh = () => queryClient.invalidateQueries({ queryKey: queries.runs.list.key() })

function complain(title: string, error: unknown): void {
  const { message, remedy } = faultFrom(error)
  notifications.show({ color: 'red', title, message: remedy ? `${message} ${remedy}` : message, autoClose: false })
}

/** Deletes a run at once and offers to take it back for 10 s: no question is asked that an undo answers better. */
export async function deleteRun(run: { id: string; name: string }): Promise<boolean> {
  const notification = `deleted-${run.id}`
  const undo = async () => {
    notifications.hide(notification)
    try {
      await lab.runs.undelete({ id: run.id })
    } catch (error) {
      complain(`"${run.name}" could not be brought back`, error)
    }
    await refresh()
  }
  try {
    await lab.runs.delete({ id: run.id })
  } catch (error) {
    complain(`"${run.name}" could not be deleted`, error)
    return false
  }
  notifications.show({
    id: notification,
    autoClose: UNDO_MS,
    withCloseButton: true,
    closeButtonProps: { 'aria-label': 'Close' },
    title: 'Run deleted',
    message: (
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm" c="var(--mantine-color-text)" style={{ overflowWrap: 'anywhere' }}>
          {run.name}
        </Text>
        <Button size="xs" variant="default" onClick={undo}>
          Undo
        </Button>
      </Group>
    ),
  })
  await refresh()
  return true
}
