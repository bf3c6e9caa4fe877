import { Group } from '@mantine/core'
import { LaneSwatch } from '../../charts/lane-swatch.tsx'

/** A lane's name with its line, as row or column heading. */
export function LaneHead({
  index,
  label,
  justify = 'flex-start',
}: {
  index: number
  label: string
  justify?: 'flex-start' | 'flex-end'
}) {
  return (
    <Group gap={8} wrap="nowrap" justify={justify}>
      <LaneSwatch index={index} />
      <span style={{ whiteSpace: 'nowrap' }}>{label}</span>
    </Group>
  )
}
