import { Anchor, Box, Progress, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useEffect, useRef } from 'react'
import { Link } from 'wouter'
import { formatClock, formatProgress } from '../format/quantity.ts'
import { queries } from '../lab-client.ts'
import { type Told, tellEnded } from './tell-ended.tsx'
import { useActiveRuns } from './use-active-runs.ts'

/** Runs whose names are asked for; the contract's most. */
const MOST_NAMED = 1000
/** Sweeps looked at: those under way are the latest. */
const LATEST_SWEEPS = 20

/** What is being measured or simulated now, on every page: a running measurement must never be forgotten. */
export function ActiveRuns() {
  const active = useActiveRuns()
  const latest = useQuery(
    queries.sweeps.list.queryOptions({ input: { limit: LATEST_SWEEPS }, refetchInterval: 2_000, staleTime: 1_000 }),
  )
  const runs = active.data ?? []
  const named = useQuery(
    queries.runs.list.queryOptions({
      input: { statuses: ['queued', 'running'], limit: MOST_NAMED },
      // Once more only when there is one without a name.
      enabled: ({ state: { data } }) => !runs.every(({ runId }) => data?.runs.some(({ id }) => id === runId)),
      refetchInterval: 2_000,
      staleTime: 0,
    }),
  )
  const names = new Map(named.data?.runs.map(({ id, name }) => [id, name]))
  const sweeps = (latest.data?.sweeps ?? []).filter(({ endedAt }) => endedAt === null)
  useTellEnded('run', active.data && runs.map(({ runId }) => runId))
  useTellEnded('sweep', latest.data && sweeps.map(({ id }) => id))
  if (runs.length + sweeps.length === 0) return null
  return (
    <Box component="section" aria-label="Running now" mt="lg" px="xs">
      <Text size="xs" c="dimmed" fw={600} mb={4}>
        Running now
      </Text>
      {runs.map(({ runId, status, fraction, etaMs }) => (
        <Active
          key={runId}
          href={`/runs/${encodeURIComponent(runId)}`}
          name={names.get(runId) ?? runId}
          fraction={fraction}
          of="the running experiment"
        >
          {status === 'queued' ? 'Queued' : formatProgress(fraction)}
          {etaMs !== null && `, ${formatClock(etaMs)} left`}
        </Active>
      ))}
      {sweeps.map(({ id, name, status, done, points }) => (
        <Active key={id} href={`/sweeps/${encodeURIComponent(id)}`} name={name} fraction={done / points} of="the sweep">
          {status === 'queued' ? 'Sweep queued' : `Sweep, ${formatProgress(done / points)}`}
        </Active>
      ))}
    </Box>
  )
}

/** Tells of each that is in the list no more. */
function useTellEnded(of: Told, ids: readonly string[] | undefined): void {
  const before = useRef<readonly string[]>([])
  useEffect(() => {
    if (!ids) return
    for (const id of before.current) if (!ids.includes(id)) void tellEnded(of, id)
    before.current = ids
  }, [of, ids])
}

function Active({
  href,
  name,
  fraction,
  of,
  children,
}: {
  href: string
  name: string
  /** 0..1 */
  fraction: number
  of: string
  children: ReactNode
}) {
  return (
    <Box mb="xs">
      <Anchor component={Link} href={href} size="sm" display="block">
        <Text component="span" inherit truncate display="block" title={name}>
          <bdi>{name}</bdi>
        </Text>
        <Text component="span" size="xs" c="dimmed">
          {children}
        </Text>
      </Anchor>
      <Progress value={fraction * 100} size="xs" aria-label={`Progress of ${of}`} />
    </Box>
  )
}
