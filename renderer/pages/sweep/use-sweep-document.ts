import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { SweepSummary } from '../../../main/contract/index.ts'
import { queries } from '../../lab-client.ts'

/** Between two readings of all points, at least. */
const POINTS_EVERY_MS = 2_000

export const isUnderWay = ({ status }: Pick<SweepSummary, 'status'>): boolean =>
  status === 'queued' || status === 'running'

/** All points of a sweep so far: read again when its state says that there are more. */
export function useSweepDocument({ id, status, done }: SweepSummary) {
  const query = useQuery(queries.sweeps.get.queryOptions({ input: { id }, staleTime: Number.POSITIVE_INFINITY }))
  const { data, isFetching, refetch } = query
  const behind = data !== undefined && (data.sweep.done !== done || data.sweep.status !== status)
  const last = Math.max(query.dataUpdatedAt, query.errorUpdatedAt)
  useEffect(() => {
    if (!behind || isFetching) return
    const timer = setTimeout(() => void refetch(), Math.max(0, last + POINTS_EVERY_MS - Date.now()))
    return () => clearTimeout(timer)
  }, [behind, isFetching, last, refetch])
  return query
}
