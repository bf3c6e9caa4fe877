import { Button, SimpleGrid, Skeleton, Stack, Text } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { formatWhen } from '../../format/quantity.ts'
import { queries } from '../../lab-client.ts'
import { FactList } from '../../shell/fact-list.tsx'
import { ErrorAlert } from '../../shell/fault-alert.tsx'
import { PageHeader } from '../../shell/page-header.tsx'
import { Panel } from '../../shell/panel.tsx'
import { HostCheckPanel } from '../new-run/host-check.tsx'
import { CalibrationPanel } from './calibration-panel.tsx'
import { CodecsPanel } from './codecs-panel.tsx'
import { deviceFacts, hostFacts } from './host-facts.ts'

export default function HostPage() {
  const host = useQuery(queries.host.get.queryOptions({ input: {}, staleTime: 30_000 }))
  return (
    <>
      <PageHeader
        title="Host"
        lead={host.data ? `Read ${formatWhen(host.data.readAt)}` : host.isError ? undefined : 'Being read…'}
        actions={
          <Button
            variant="default"
            leftSection={<IconRefresh size={16} aria-hidden />}
            loading={host.isFetching}
            onClick={() => host.refetch()}
          >
            Read again
          </Button>
        }
      />
      <Stack gap="lg">
        {host.error && (
          <ErrorAlert title="The host could not be read" error={host.error} onRetry={() => host.refetch()} />
        )}
        <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
          <Stack gap="lg">
            <Panel title="Machine">
              {host.data ? (
                <FactList name="Machine" facts={hostFacts(host.data)} />
              ) : (
                <Unread failed={host.error !== null} height={380} />
              )}
            </Panel>
            <CodecsPanel />
          </Stack>
          <Stack gap="lg">
            <Panel title="Disk of the swap file">
              {host.data ? (
                <FactList name="Disk" facts={deviceFacts(host.data.device, host.data.hypervisor)} />
              ) : (
                <Unread failed={host.error !== null} height={300} />
              )}
            </Panel>
            <HostCheckPanel swapDir={undefined} />
          </Stack>
        </SimpleGrid>
        <CalibrationPanel />
      </Stack>
    </>
  )
}

/** What is not there yet, or could not be read: why stands above. */
function Unread({ failed, height }: { failed: boolean; height: number }) {
  return failed ? (
    <Text size="sm" c="dimmed">
      Unavailable because the host could not be read.
    </Text>
  ) : (
    <Skeleton h={height} />
  )
}
