import { Button, Skeleton } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { queries } from '../../lab-client.ts'
import { ErrorAlert } from '../../shell/fault-alert.tsx'
import { Panel } from '../../shell/panel.tsx'
import { CheckRows } from '../host/check-rows.tsx'

/** What would spoil a measurement now. Takes about 2 s, because background I/O is watched for that long. */
export function HostCheckPanel({ swapDir }: { swapDir: string | undefined }) {
  const check = useQuery(
    queries.host.check.queryOptions({ input: { swapDir }, staleTime: 120_000, refetchOnWindowFocus: false }),
  )
  return (
    <Panel
      title="Host check"
      lead={check.isFetching ? 'Watching this host for 2 seconds…' : 'What would spoil a measurement now'}
      controls={
        <Button
          size="xs"
          variant="default"
          leftSection={<IconRefresh size={14} aria-hidden />}
          loading={check.isFetching}
          onClick={() => check.refetch()}
        >
          Check again
        </Button>
      }
    >
      {check.data ? (
        <CheckRows check={check.data} />
      ) : check.error ? (
        <ErrorAlert title="The host could not be checked" error={check.error} />
      ) : (
        <Skeleton h={280} />
      )}
    </Panel>
  )
}
