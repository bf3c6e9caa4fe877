import { Group, Kbd, Modal, Table, UnstyledButton } from '@mantine/core'
import { useDisclosure, useHotkeys } from '@mantine/hooks'
import { IconKeyboard } from '@tabler/icons-react'
import { Fragment } from 'react'
import { focusWhenDrawn } from './focus-when-drawn.ts'
import { navigate } from './hash-location.ts'

export const HISTORY_SEARCH = 'history-search'

/** All have a modifier: a single letter would be pressed by chance, and by speech. */
const SHORTCUTS = [
  { keys: ['Ctrl', 'K'], does: 'Search the history' },
  { keys: ['Ctrl', 'Enter'], does: 'Start the experiment of the New run page' },
  { keys: ['Ctrl', 'Z'], does: 'Take back what "Undo" is offered for' },
  { keys: ['Ctrl', '/'], does: 'Show these keys' },
  { keys: ['Esc'], does: 'Close a dialog or a menu' },
  { keys: ['←', '→'], does: 'Read the values of a chart' },
  { keys: ['+', '−', '0'], does: 'Zoom into a chart, out of it, and show all (with the mouse: drag, double click)' },
  { keys: ['↑', '↓'], does: 'Go through a menu, a list of choices, or what scrolls' },
] as const

/** The keys that work everywhere, and the list of them. */
export function KeyboardHelp() {
  const [shown, { open, close }] = useDisclosure(false)
  useHotkeys(
    [
      ['mod+/', open],
      [
        'mod+K',
        () => {
          close()
          navigate('/history')
          focusWhenDrawn(HISTORY_SEARCH)
        },
      ],
    ],
    [],
  )
  return (
    <>
      <UnstyledButton fz="xs" c="dimmed" mt="xs" onClick={open} aria-keyshortcuts="Control+/">
        <Group gap={6}>
          <IconKeyboard size={16} aria-hidden />
          Keys
        </Group>
      </UnstyledButton>
      <Modal opened={shown} onClose={close} title="Keys">
        <Table verticalSpacing={6} horizontalSpacing={0}>
          <caption className="unseen">Keys and what they do</caption>
          <Table.Tbody>
            {SHORTCUTS.map(({ keys, does }) => (
              <Table.Tr key={does}>
                <Table.Th scope="row" fw={400} w={130}>
                  {keys.map((key, at) => (
                    <Fragment key={key}>
                      {at > 0 && ' '}
                      <Kbd>{key}</Kbd>
                    </Fragment>
                  ))}
                </Table.Th>
                <Table.Td>{does}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Modal>
    </>
  )
}
