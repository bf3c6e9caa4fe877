import { Badge } from '@mantine/core'
import { IconFlask } from '@tabler/icons-react'
import type { Mode } from '../../main/contract/index.ts'

/** Says of a simulated run that it is one; a measured run is what one expects, and says nothing. */
export function RunModeBadge({ mode }: { mode: Mode }) {
  if (mode === 'measure') return null
  return (
    <Badge
      variant="outline"
      size="md"
      tt="none"
      leftSection={<IconFlask size={13} aria-hidden />}
      style={{ color: 'var(--swaplab-warn)', borderColor: 'var(--swaplab-warn)', flex: 'none', width: 'max-content' }}
      styles={{ label: { overflow: 'visible' } }}
    >
      simulated
    </Badge>
  )
}
