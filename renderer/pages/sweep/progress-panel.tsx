import { Box, Group, Paper, Progress, SimpleGrid, Text, Title } from '@mantine/core'
import type { SweepState } from '../../../main/contract/index.ts'
import { ABSENT, formatClock, formatCount } from '../../format/quantity.ts'

/** How far a sweep is. */
export function ProgressPanel({ sweep }: { sweep: SweepState }) {
  const { status, done, points, waitingFor, elapsedMs, etaMs } = sweep
  const percent = Math.floor((done / points) * 100)
  const phase = status === 'queued' ? `Waiting for ${waitingFor ?? 'its turn'}` : 'Simulating'
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
        <Fact name="Elapsed" value={formatClock(elapsedMs)} />
        <Fact name="Time left" value={etaMs === null ? ABSENT : `about ${formatClock(etaMs)}`} />
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
