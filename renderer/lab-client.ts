import { createORPCClient } from '@orpc/client'
import type { ContractRouterClient } from '@orpc/contract'
import { createTanstackQueryUtils } from '@orpc/tanstack-query'
import { QueryClient } from '@tanstack/react-query'
import { useSyncExternalStore } from 'react'
import type { LabContract } from '../main/contract/index.ts'
import { type ConnectionState, LabConnection } from './lab/connection.ts'
import { isWorthRetrying } from './lab/fault.ts'

/** The typed client of the lab; the only thing in the window that knows how the lab is reached. */
export const connection = new LabConnection()
export const lab: ContractRouterClient<LabContract> = createORPCClient(connection)
/** The same procedures as TanStack Query options. */
export const queries = createTanstackQueryUtils(lab)

/** The lab is on this machine: being offline is no reason to wait, hence networkMode 'always'. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      networkMode: 'always',
      staleTime: 5_000,
      retry: (failures, error) => failures < 2 && isWorthRetrying(error),
      refetchOnReconnect: false,
    },
    // What was asked for holds the page that asked: let go of it with the page, not minutes later.
    mutations: { networkMode: 'always', retry: false, gcTime: 0 },
  },
})

let wasLost = false
connection.subscribe(() => {
  const { kind } = connection.state
  if (kind === 'lost') wasLost = true
  if (kind === 'open' && wasLost) {
    wasLost = false
    void queryClient.invalidateQueries()
  }
})

/** The connection's state, for the banner and for whatever must be opened again after a loss. */
export function useConnection(): ConnectionState {
  return useSyncExternalStore(connection.subscribe, () => connection.state)
}
