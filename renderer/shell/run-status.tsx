import { Badge } from '@mantine/core'
import {
  IconAlertTriangle,
  IconCheck,
  IconClock,
  IconPlayerPlay,
  IconPlayerStop,
  IconPlugX,
  IconX,
} from '@tabler/icons-react'
import type { RunStatus } from '../../main/contract/index.ts'

const LOOKS = {
  queued: { word: 'queued', tone: 'var(--mantine-color-dimmed)', icon: IconClock },
  running: { word: 'running', tone: 'var(--mantine-color-anchor)', icon: IconPlayerPlay },
  done: { word: 'done', tone: 'var(--swaplab-good)', icon: IconCheck },
  failed: { word: 'failed', tone: 'var(--swaplab-bad)', icon: IconX },
  cancelled: { word: 'cancelled', tone: 'var(--swaplab-warn)', icon: IconPlayerStop },
  interrupted: { word: 'interrupted', tone: 'var(--swaplab-warn)', icon: IconPlugX },
  invalid: { word: 'invalid', tone: 'var(--swaplab-bad)', icon: IconAlertTriangle },
} as const satisfies Record<RunStatus, unknown>

/** A run's status as icon and word; colour is never the only cue. */
export function RunStatusBadge({ status }: { status: RunStatus }) {
  const { word, tone, icon: Icon } = LOOKS[status]
  return (
    <Badge
      variant="outline"
      size="md"
      tt="none"
      leftSection={<Icon size={13} aria-hidden />}
      style={{ color: tone, borderColor: tone, flex: 'none', width: 'max-content' }}
      styles={{ label: { overflow: 'visible' } }}
    >
      {word}
    </Badge>
  )
}
