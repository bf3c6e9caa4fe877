import { Badge } from '@mantine/core'
import type { Icon } from '@tabler/icons-react'

interface OutlineBadgeProps {
  tone: string
  icon: Icon
  children: string
}

/** Icon and word in one tone: colour is never the only cue. */
export function OutlineBadge({ tone, icon: Icon, children }: OutlineBadgeProps) {
  return (
    <Badge
      variant="outline"
      size="md"
      tt="none"
      leftSection={<Icon size={13} aria-hidden />}
      style={{ color: tone, borderColor: tone, flex: 'none', width: 'max-content' }}
      styles={{ label: { overflow: 'visible' } }}
    >
      {children}
    </Badge>
  )
}
