import { Box, Group, Paper, Progress, SimpleGrid, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { ABSENT, formatClock, formatProgress } from '../format/quantity.ts'
import type { Fact } from './fact-list.tsx'

interface ProgressPanelProps {
  of: 'run' | 'sweep'
  phase: string
  /** 0..1 */
  fraction: number
  /** Before the times. */
  facts: readonly Fact[]
  elapsedMs: number | null
  etaMs: number | null
  children?: ReactNode
}

/** How far a run or a sweep is, what it is at, and how long that will take. */
export function ProgressPanel({ of, phase, fraction, facts, elapsedMs, etaMs, children }: ProgressPanelProps) {
  const percent = formatProgress(fraction)
  const left = etaMs === null ? ABSENT : `about ${formatClock(etaMs)}`
  const shown: readonly Fact[] = [...facts, ['Elapsed', formatClock(elapsedMs)], ['Time left', left]]
  return (
    <Paper component="section" aria-label="Progress" withBorder p="md">
      <Group justify="space-between" align="baseline" mb={4}>
        <Title order={2}>{phase}</Title>
        <Text fw={600}>{percent}</Text>
      </Group>
      <Progress.Root size="lg" mb="sm">
        <Progress.Section
          value={Math.floor(fraction * 100)}
          aria-label={`Progress of the ${of}`}
          aria-valuetext={`${percent}, ${phase}`}
        />
      </Progress.Root>
      {/* Only the phase is announced: a figure that changes every second would never be silent. */}
      <div className="unseen" role="status">
        {phase}
      </div>
      <SimpleGrid cols={{ base: 2, md: shown.length }} spacing="md">
        {shown.map(([name, value]) => (
          <Box key={name} mih={44} miw={0}>
            <Text size="xs" c="dimmed">
              {name}
            </Text>
            <Text size="sm" fw={500} component="div">
              {value}
            </Text>
          </Box>
        ))}
      </SimpleGrid>
      {children}
    </Paper>
  )
}
