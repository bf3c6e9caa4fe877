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
import { OutlineBadge } from './outline-badge.tsx'

const LOOKS = {
  queued: { tone: 'var(--mantine-color-dimmed)', icon: IconClock },
  running: { tone: 'var(--mantine-color-anchor)', icon: IconPlayerPlay },
  done: { tone: 'var(--swaplab-good)', icon: IconCheck },
  failed: { tone: 'var(--swaplab-bad)', icon: IconX },
  cancelled: { tone: 'var(--swaplab-warn)', icon: IconPlayerStop },
  interrupted: { tone: 'var(--swaplab-warn)', icon: IconPlugX },
  invalid: { tone: 'var(--swaplab-bad)', icon: IconAlertTriangle },
} as const satisfies Record<RunStatus, unknown>

export function RunStatusBadge({ status }: { status: RunStatus }) {
  return <OutlineBadge {...LOOKS[status]}>{status}</OutlineBadge>
}

/** A run or a sweep that is still to change by itself. */
export const isUnderWay = ({ status }: { status: RunStatus }): boolean => status === 'queued' || status === 'running'
