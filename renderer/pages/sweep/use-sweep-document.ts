import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { SweepSummary } from '../../../main/contract/index.ts'
import { queries } from '../../lab-client.ts'

/** Between two readings of all points, at least: of a thousand or fewer, and for each thousand of more. */
const POINTS_EVERY_MS = 2_000

/** All points of a sweep so far: read again when its state says that there are more. */
export function useSweepDocument({ id, status, done, points }: SweepSummary) {
  const query = useQuery(queries.sweeps.get.queryOptions({ input: { id }, staleTime: Number.POSITIVE_INFINITY }))
  const { data, isFetching, refetch } = query
  const behind = data !== undefined && (data.sweep.done !== done || data.sweep.status !== status)
  const last = Math.max(query.dataUpdatedAt, query.errorUpdatedAt)
  useEffect(() => {
    if (!behind || isFetching) return
    const ended = status !== 'running'
    const every = ended ? 0 : POINTS_EVERY_MS * Math.max(1, points / 1000)
    const timer = setTimeout(() => void refetch(), Math.max(0, last + every - Date.now()))
    return () => clearTimeout(timer)
  }, [behind, isFetching, last, points, refetch, status])
  return query
}
