import { Box, Group, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import type { PointShape } from '../lane-colour.ts'
import { ChartData, type ChartTable } from './chart-table.tsx'
import { BoxSwatch, LineSwatch, RingSwatch } from './lane-swatch.tsx'

export interface LegendEntry {
  name: string
  colour: string
  /** As it is drawn: an area, a ring around points, or (usually) a line. */
  as?: 'line' | 'box' | 'ring'
  dash?: readonly number[]
  point?: PointShape
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

interface ChartFrameProps {
  /** Names the chart and its table. */
  name: string
  legend: readonly LegendEntry[]
  height: number
  table: () => ChartTable
  empty?: string | null
  children: ReactNode
}

/** Legend, reserved height, and the table alternative around a canvas. */
export function ChartFrame({ name, legend, height, table, empty, children }: ChartFrameProps) {
  return (
    <Box component="figure" m={0} aria-label={name}>
      <Group component="ul" gap="md" p={0} m={0} mb={6} style={{ listStyle: 'none' }} mih={20}>
        {legend.map((entry) => (
          <Group component="li" key={entry.name} gap={6} wrap="nowrap">
            <Swatch {...entry} />
            <Text size="xs">{entry.name}</Text>
          </Group>
        ))}
      </Group>
      <Box h={height} pos="relative">
        {/* The canvas is made at once, not when the first figures come: then several would be made in one task. */}
        <div style={{ height: '100%', visibility: empty ? 'hidden' : 'visible' }}>{children}</div>
        {empty && (
          <Text size="sm" c="dimmed" ta="center" pos="absolute" top="45%" w="100%">
            {empty}
          </Text>
        )}
      </Box>
      <ChartData name={name} table={table} />
    </Box>
  )
}
