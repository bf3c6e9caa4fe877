import { Box, Group, Paper, Progress, SimpleGrid, Text, Title } from '@mantine/core'
import { useState } from 'react'
import type { SweepState } from '../../../main/contract/index.ts'
import { ABSENT, formatClock, formatCount } from '../../format/quantity.ts'
import { restMs } from './reading.ts'

/** How far a sweep is. @param now when its state was read, ms since 1970 */
export function ProgressPanel({ sweep, now }: { sweep: SweepState; now: number }) {
  const { status, done, points, startedAt, waitingFor } = sweep
  const queued = status === 'queued'
  // Time in the queue, and the points that are not possible, which are known before it, are no part of its pace.
  const [since, begin] = useState({ at: Date.parse(startedAt), done: 0 })
  if (queued && since.at !== now) begin({ at: now, done })
  const elapsedMs = Math.max(0, now - since.at)
  const left = queued ? null : restMs(sweep, { done: since.done, elapsedMs })
  const percent = Math.floor((done / points) * 100)
  const phase = queued ? `Waiting for ${waitingFor ?? 'its turn'}` : 'Simulating'
  return (
    <Paper component="section" aria-label="Progress" withBorder p="md">
      <Group justify="space-between" align="baseline" mb={4}>
        <Title order={2}>{phase}</Title>
        <Text fw={600}>{percent} %</Text>
      </Group>
      <Progress.Root size="lg" mb="sm">
        <Progress.Section
          value={percent}
          aria-label="Progress of the sweep"
          aria-valuetext={`${percent} %, ${phase}`}
        />
      </Progress.Root>
      {/* Only the phase is announced: a figure that changes every second would never be silent. */}
      <div className="unseen" role="status">
        {phase}
      </div>
      <SimpleGrid cols={{ base: 2, md: 3 }} spacing="md">
        <Fact name="Points" value={`${formatCount(done)} of ${formatCount(points)}`} />
        <Fact name="Elapsed" value={queued ? ABSENT : formatClock(elapsedMs)} />
        <Fact name="Time left" value={left === null ? ABSENT : `about ${formatClock(left)}`} />
      </SimpleGrid>
    </Paper>
  )
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <Box>
      <Text size="xs" c="dimmed">
        {name}
      </Text>
      <Text size="sm" fw={500}>
        {value}
      </Text>
    </Box>
  )
}
