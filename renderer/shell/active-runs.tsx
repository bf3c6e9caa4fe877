import { Anchor, Box, Progress, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { formatClock } from '../format/quantity.ts'
import { queries } from '../lab-client.ts'

/** Sweeps looked at: those under way are the latest. */
const LATEST_SWEEPS = 20

/** What is being measured or simulated now, on every page: a running measurement must never be forgotten. */
export function ActiveRuns() {
  const active = useQuery(queries.runs.active.queryOptions({ refetchInterval: 2_000, staleTime: 1_000 }))
  const latest = useQuery(
    queries.sweeps.list.queryOptions({ input: { limit: LATEST_SWEEPS }, refetchInterval: 2_000, staleTime: 1_000 }),
  )
  const runs = active.data ?? []
  const sweeps = (latest.data?.sweeps ?? []).filter(({ endedAt }) => endedAt === null)
  if (runs.length + sweeps.length === 0) return null
  return (
    <Box component="section" aria-label="Running now" mt="lg" px="xs">
      <Text size="xs" c="dimmed" fw={600} mb={4}>
        Running now
      </Text>
      {runs.map(({ runId, status, fraction, etaMs }) => (
        <Active key={runId} href={`/runs/${encodeURIComponent(runId)}`} fraction={fraction} of="the running experiment">
          {status === 'queued' ? 'Queued' : share(fraction)}
          {etaMs !== null && `, ${formatClock(etaMs)} left`}
        </Active>
      ))}
      {sweeps.map(({ id, status, done, points }) => (
        <Active key={id} href={`/sweeps/${encodeURIComponent(id)}`} fraction={done / points} of="the sweep">
          {status === 'queued' ? 'Sweep queued' : `Sweep, ${share(done / points)}`}
        </Active>
      ))}
    </Box>
  )
}

const share = (fraction: number) => `${Math.floor(fraction * 100)} %`

function Active({
  href,
  fraction,
  of,
  children,
}: {
  href: string
  /** 0..1 */
  fraction: number
  of: string
  children: ReactNode
}) {
  return (
    <Box mb="xs">
      <Anchor component={Link} href={href} size="sm">
        {children}
      </Anchor>
      <Progress value={fraction * 100} size="xs" aria-label={`Progress of ${of}`} />
    </Box>
  )
}
