import { Anchor, Button, List, Stack, Text } from '@mantine/core'
import { useHotkeys } from '@mantine/hooks'
import { IconPlayerPlay } from '@tabler/icons-react'
import { type ReactNode, useRef } from 'react'
import { Link } from 'wouter'
import type { LabFault } from '../../../main/contract/index.ts'
import { fieldText } from '../../format/field-text.ts'
import { FaultAlert } from '../../shell/fault-alert.tsx'
import { Panel } from '../../shell/panel.tsx'

interface StartPanelProps {
  /** By dotted path. */
  problems: ReadonlyMap<string, string>
  /** Some of them are the form's own: nothing could be sent. What the lab sees may be mended outside of it, so it is asked again. */
  wrong: boolean
  refusal: LabFault | null
  pending: boolean
  /** Why nothing may be started now, other than the problems. */
  blocked: string | null
  onStart: () => void
  onShow: (path: string) => void
  /** Where the swap file is made: before the button. */
  target: ReactNode
  /** What the run will take: below it, so that the button stays where it is. */
  children: ReactNode
}

/** Start, and everything that stands against it: problems lead to their field, a refusal says what to do. */
export function StartPanel({
  problems,
  wrong,
  refusal,
  pending,
  blocked,
  onStart,
  onShow,
  target,
  children,
}: StartPanelProps) {
  const button = useRef<HTMLButtonElement>(null)
  // From any field of the form, but not from a dialog over it; as a click, it does nothing where there is something to mend first.
  useHotkeys([['mod+Enter', () => document.querySelector('[aria-modal]') ?? button.current?.click()]], [])
  return (
    <Panel title="Start">
      <Stack gap="md">
        {target}
        <Button
          ref={button}
          fullWidth
          title="Ctrl+Enter"
          aria-keyshortcuts="Control+Enter"
          leftSection={<IconPlayerPlay size={16} aria-hidden />}
          loading={pending}
          disabled={wrong || blocked !== null}
          onClick={onStart}
        >
          Start run
        </Button>
        <Button
          component={Link}
          href="/sweeps/new"
          fullWidth
          size="xs"
          variant="subtle"
          title="Simulate this experiment with many values of some of its fields"
        >
          Sweep…
        </Button>
        <Stack gap="sm" aria-live="polite">
          {refusal && <FaultAlert title="The lab refused this run" fault={refusal} />}
          {problems.size > 0 && (
            <Stack gap={4}>
              <Text size="sm" fw={600} c="var(--mantine-color-error)">
                {problems.size === 1 ? 'One field needs attention' : `${problems.size} fields need attention`}
              </Text>
              <List size="sm" spacing={2} style={{ overflowWrap: 'anywhere' }}>
                {[...problems].map(([path, message]) => (
                  <List.Item key={path}>
                    <Anchor component="button" type="button" size="sm" ta="left" onClick={() => onShow(path)}>
                      {fieldText(path) || 'specification'}
                    </Anchor>{' '}
                    {message}
                  </List.Item>
                ))}
              </List>
            </Stack>
          )}
          {blocked && <Text size="sm">{blocked}</Text>}
        </Stack>
        {children}
      </Stack>
    </Panel>
  )
}
