import { Group, Text, UnstyledButton } from '@mantine/core'
import type { PointShape } from '../lane-colour.ts'
import { BoxSwatch, LineSwatch, RingSwatch } from './lane-swatch.tsx'

export interface LegendEntry {
  name: string
  colour: string
  /** As it is drawn: an area, a ring around points, or (usually) a line. */
  as?: 'line' | 'box' | 'ring'
  dash?: readonly number[]
  point?: PointShape
}

interface LegendProps {
  entries: readonly LegendEntry[]
  /** Names of what is not drawn now. */
  hidden?: ReadonlySet<string>
  /** Hides one and shows it again; `alone`: hides all others. Without it nothing can be hidden. */
  onToggle?: (name: string, alone: boolean) => void
}

/** What a chart draws, by name; a click hides it. */
export function Legend({ entries, hidden, onToggle }: LegendProps) {
  const toggles = onToggle !== undefined && entries.length > 1
  return (
    <Group component="ul" gap="md" p={0} m={0} mb={6} style={{ listStyle: 'none', rowGap: 4 }} mih={20}>
      {entries.map((entry) => (
        <li key={entry.name} style={{ display: 'flex' }}>
          {toggles ? (
            <UnstyledButton
              className="legend-entry"
              aria-pressed={!hidden?.has(entry.name)}
              title="Hide or show; with Ctrl, show alone"
              onClick={({ ctrlKey, metaKey }) => onToggle(entry.name, ctrlKey || metaKey)}
            >
              <Entry {...entry} />
            </UnstyledButton>
          ) : (
            <Entry {...entry} />
          )}
        </li>
      ))}
    </Group>
  )
}

function Entry(entry: LegendEntry) {
  return (
    <Group component="span" gap={6} wrap="nowrap">
      <Swatch {...entry} />
      <Text component="span" size="xs">
        {entry.name}
      </Text>
    </Group>
  )
}

function Swatch({ as = 'line', colour, dash = [], point }: LegendEntry) {
  switch (as) {
    case 'line':
      return <LineSwatch colour={colour} dash={dash} point={point} />
    case 'box':
      return <BoxSwatch colour={colour} />
    case 'ring':
      return <RingSwatch colour={colour} />
  }
}
