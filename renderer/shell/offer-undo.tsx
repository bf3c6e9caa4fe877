import { Button, Group, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'

const UNDO_MS = 10_000

interface Undoable {
  /** Another offer of this name takes its place. */
  id: string
  title: string
  /** What was taken away. */
  what: string
  undo: () => void
}

/** Says what was taken away and offers it back for 10 s: no question is asked that an undo answers better. */
export function offerUndo({ id, title, what, undo }: Undoable): void {
  notifications.hide(id)
  notifications.show({
    id,
    autoClose: UNDO_MS,
    withCloseButton: true,
    closeButtonProps: { 'aria-label': 'Close' },
    title,
    message: (
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm" c="var(--mantine-color-text)" style={{ overflowWrap: 'anywhere' }}>
          {what}
        </Text>
        <Button
          size="xs"
          variant="default"
          onClick={() => {
            notifications.hide(id)
            undo()
          }}
        >
          Undo
        </Button>
      </Group>
    ),
  })
}
