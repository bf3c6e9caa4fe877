import { IconFlask } from '@tabler/icons-react'
import type { Mode } from '../../main/contract/index.ts'
import { OutlineBadge } from './outline-badge.tsx'

/** Says of a simulated run that it is one; a measured run is what one expects, and says nothing. */
export function RunModeBadge({ mode }: { mode: Mode }) {
  if (mode === 'measure') return null
  return (
    <OutlineBadge tone="var(--swaplab-warn)" icon={IconFlask}>
      simulated
    </OutlineBadge>
  )
}
