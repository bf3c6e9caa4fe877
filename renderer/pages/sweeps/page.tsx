import { Button, Pagination, Skeleton, Stack, Text } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useSearch } from 'wouter'
import { formatCount } from '../../format/quantity.ts'
import { queries } from '../../lab-client.ts'
import { ErrorAlert } from '../../shell/fault-alert.tsx'
import { navigate } from '../../shell/hash-location.ts'
import { PageHeader } from '../../shell/page-header.tsx'
import { Sweeps } from './sweeps.tsx'

const PAGE_ROWS = 50

export default function SweepsPage() {
  const place = new URLSearchParams(useSearch())
  const page = Math.max(1, Number.parseInt(place.get('page') ?? '1', 10) || 1)
  const sweeps = useQuery(
    queries.sweeps.list.queryOptions({
      input: { limit: PAGE_ROWS, offset: (page - 1) * PAGE_ROWS },
      placeholderData: keepPreviousData,
      refetchInterval: 2_000,
    }),
  )
  const { data } = sweeps
  const pages = Math.max(1, Math.ceil((data?.total ?? 0) / PAGE_ROWS))
  return (
    <>
      <PageHeader
        title="Sweeps"
        lead="Many settings of one experiment, simulated at once. What looks best here is for a run to confirm on the disk."
        actions={data?.total !== 0 && <NewSweep />}
      />
      {sweeps.error && !data ? (
        <ErrorAlert title="The sweeps could not be loaded" error={sweeps.error} onRetry={() => sweeps.refetch()} />
      ) : !data ? (
        <Skeleton h={420} />
      ) : data.total === 0 ? (
        <NoSweeps />
      ) : (
        <Stack gap="md">
          <Text size="sm" c="dimmed" role="status">
            {formatCount(data.total)} sweep{data.total === 1 ? '' : 's'}
          </Text>
          <Sweeps sweeps={data.sweeps} />
          {pages > 1 && (
            <Pagination
              total={pages}
              value={Math.min(page, pages)}
              onChange={(next) => navigate(`/sweeps${next > 1 ? `?page=${next}` : ''}`, { replace: true })}
              getControlProps={(control) => ({ 'aria-label': `${control} page` })}
              getItemProps={(number) => ({ 'aria-label': `Page ${number}` })}
              aria-label="Pages of the sweeps"
            />
          )}
        </Stack>
      )}
    </>
  )
}

function NewSweep() {
  return (
    <Button leftSection={<IconPlus size={16} aria-hidden />} onClick={() => navigate('/sweeps/new')}>
      New sweep
    </Button>
  )
}

function NoSweeps() {
  return (
    <Stack align="center" py={72} gap="sm">
      <Text fw={600}>No sweep has been made yet</Text>
      <Text size="sm" c="dimmed" ta="center" maw={520}>
        How large a pool, which policy, which codec? A sweep tries every combination of the values you name, on models
        of disk and codecs instead of the disk itself: hundreds of settings in minutes, nothing written. The best of
        them are then worth a run that measures.
      </Text>
      <NewSweep />
    </Stack>
  )
}
