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

/** Offers that stand, the newest last. */
const standing: (() => void)[] = []

/** Ctrl+Z takes the newest: its button is the last of the page, and gone before the Tab key comes there. In a text it is the text's own. */
function onKey(event: KeyboardEvent): void {
  const inText = event.target instanceof HTMLElement && event.target.matches('input:not([type=checkbox]), textarea')
  if (inText || event.shiftKey || event.key !== 'z' || !(event.ctrlKey || event.metaKey)) return
  const takeNewest = standing.at(-1)
  if (!takeNewest) return
  event.preventDefault()
  takeNewest()
}

/** Says what was taken away and offers it back for 10 s: no question is asked that an undo answers better. */
export function offerUndo({ id, title, what, undo }: Undoable): void {
  notifications.hide(id)
  const take = () => {
    notifications.hide(id)
    undo()
  }
  standing.push(take)
  window.addEventListener('keydown', onKey)
  notifications.show({
    id,
    autoClose: UNDO_MS,
    onClose: () => {
      const at = standing.indexOf(take)
      if (at >= 0) standing.splice(at, 1)
    },
    withCloseButton: true,
    closeButtonProps: { 'aria-label': 'Close' },
    title,
    message: (
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm" c="var(--mantine-color-text)" style={{ overflowWrap: 'anywhere' }}>
          {what}
        </Text>
        <Button size="xs" variant="default" title="Ctrl+Z" aria-keyshortcuts="Control+Z" onClick={take}>
          Undo
        </Button>
      </Group>
    ),
  })
}
