import { Box, Group, Text, UnstyledButton } from '@mantine/core'
import { IconPhotoDown } from '@tabler/icons-react'
import { type ReactNode, useRef } from 'react'
import { saveFile } from '../lab/download.ts'
import { GROUND } from '../lane-colour.ts'
import { useScheme } from '../shell/colour-scheme-switch.tsx'
import { TEXT } from '../theme.ts'
import { ChartData, type ChartTable } from './chart-table.tsx'
import { Legend, type LegendEntry } from './legend.tsx'
import { pictureOf } from './picture.ts'

interface ChartFrameProps {
  /** Names the chart and its table. */
  name: string
  legend: readonly LegendEntry[]
  hidden?: ReadonlySet<string>
  onToggle?: (name: string, alone: boolean) => void
  height: number
  table: () => ChartTable
  empty?: string | null
  children: ReactNode
}

/** Legend, reserved height, and around a canvas its figures as text and as a picture. */
export function ChartFrame({ name, legend, hidden, onToggle, height, table, empty, children }: ChartFrameProps) {
  const scheme = useScheme()
  const plot = useRef<HTMLDivElement>(null)
  const save = async () => {
    const canvas = plot.current?.querySelector('canvas')
    if (!canvas) return
    const shown = legend.filter((entry) => !hidden?.has(entry.name))
    const look = { text: TEXT[scheme].plain, ground: GROUND[scheme] }
    saveFile(
      `${name.replace(/[^\w.-]+/g, '-')}.png`,
      await pictureOf({ plot: canvas, title: name, legend: shown, ...look }),
    )
  }
  return (
    <Box component="figure" m={0} aria-label={name}>
      <Legend entries={legend} hidden={hidden} onToggle={onToggle} />
      <Box h={height} pos="relative" ref={plot}>
        {/* The canvas is made at once, not when the first figures come: then several would be made in one task. */}
        <div style={{ height: '100%', visibility: empty ? 'hidden' : 'visible' }}>{children}</div>
        {empty && (
          <Text size="sm" c="dimmed" ta="center" pos="absolute" top="45%" w="100%">
            {empty}
          </Text>
        )}
      </Box>
      <ChartData name={name} table={table}>
        {!empty && (
          <UnstyledButton className="small-deed" onClick={() => void save()}>
            <Group gap={4} wrap="nowrap">
              <IconPhotoDown size={14} aria-hidden />
              Save PNG
            </Group>
            <span className="unseen"> of {name}</span>
          </UnstyledButton>
        )}
      </ChartData>
    </Box>
  )
}
