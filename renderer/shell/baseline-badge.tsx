import { Badge } from '@mantine/core'
import { IconPin } from '@tabler/icons-react'

/** A run that later ones of its experiment on its host are compared with. */
export function BaselineBadge() {
  return (
    <Badge variant="default" tt="none" fw={400} leftSection={<IconPin size={12} aria-hidden />}>
      baseline
    </Badge>
  )
}
