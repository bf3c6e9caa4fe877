import { useQuery } from '@tanstack/react-query'
import { queries } from '../lab-client.ts'

/** Runs that are queued or measured now, the first first; asked once for all who use it. */
export const useActiveRuns = () =>
  useQuery(queries.runs.active.queryOptions({ refetchInterval: 2_000, staleTime: 1_000 }))
