import { Anchor, Box, Progress, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { formatClock } from '../format/quantity.ts'
import { queries } from '../lab-client.ts'

/** What is being measured now, on every page: a running measurement must never be forgotten. */
export function ActiveRuns() {
  const active = useQuery(queries.runs.active.queryOptions({ refetchInterval: 2_000, staleTime: 1_000 }))
  if (!active.data?.length) return null
  return (
    <Box component="section" aria-label="Running now" mt="lg" px="xs">
      <Text size="xs" c="dimmed" fw={600} mb={4}>
        Running now
      </Text>
      {active.data.map((run) => (
        <Box key={run.runId} mb="xs">
          <Anchor component={Link} href={`/runs/${encodeURIComponent(run.runId)}`} size="sm">
            {run.status === 'queued' ? 'Queued' : `${Math.floor(run.fraction * 100)} %`}
            {run.etaMs !== null && `, ${formatClock(run.etaMs)} left`}
          </Anchor>
          <Progress value={run.fraction * 100} size="xs" aria-label="Progress of the running experiment" />
        </Box>
      ))}
    </Box>
  )
}
