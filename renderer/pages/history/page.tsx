import { Button, FileButton, Group, NativeSelect, Pagination, Skeleton, Stack, Text, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconFileImport, IconPlayerPlay, IconScale, IconSearch } from '@tabler/icons-react'
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useRef, useState } from 'react'
import { RunStatus } from '../../../main/contract/index.ts'
import { formatCount } from '../../format/quantity.ts'
import { lab, queries, queryClient } from '../../lab-client.ts'
import { type ChosenRun, chooseNoRun, chooseRun, useChosenRuns } from '../../shell/chosen-runs.ts'
import { ErrorAlert } from '../../shell/fault-alert.tsx'
import { navigate } from '../../shell/hash-location.ts'
import { HISTORY_SEARCH } from '../../shell/keyboard-help.tsx'
import { PageHeader } from '../../shell/page-header.tsx'
import { usePlace } from '../../shell/use-place.ts'
import { Runs } from './runs.tsx'

const PAGE_ROWS = 50
const SEARCH_PAUSE_MS = 250

export default function HistoryPage() {
  // Search, status and page stand in the address: coming back from a run finds the history as it was left.
  const [place, choosePlace] = usePlace()
  const search = place.get('search') ?? ''
  const status = RunStatus.safeParse(place.get('status')).data ?? null
  const page = Math.max(1, Number.parseInt(place.get('page') ?? '1', 10) || 1)
  const [typed, type] = useState(search)
  // Another place (the link of this page, Back) is another search.
  useEffect(() => type((text) => (text.trim() === search ? text : search)), [search])
  // Others are asked for: their first page.
  const askFor = (asked: Record<string, string>) => choosePlace({ ...asked, page: null })
  const searchFor = useDebouncedCallback((text: string) => askFor({ search: text.trim() }), SEARCH_PAUSE_MS)
  const chosen = useChosenRuns()
  const runs = useQuery(
    queries.runs.list.queryOptions({
      input: { limit: PAGE_ROWS, offset: (page - 1) * PAGE_ROWS, search, statuses: status === null ? [] : [status] },
      placeholderData: keepPreviousData,
      refetchInterval: 5_000,
    }),
  )
  // Otherwise the browser would not hear of the same file chosen again, once it is mended.
  const forgetFile = useRef<() => void>(null)
  const bring = useMutation({
    mutationFn: async (file: File) => lab.runs.import({ text: await file.text() }),
    onSettled: () => forgetFile.current?.(),
    onSuccess: async ({ id }) => {
      await queryClient.invalidateQueries({ queryKey: queries.runs.list.key() })
      navigate(`/runs/${encodeURIComponent(id)}`)
    },
  })
  const chosenIds = useMemo(() => new Set(chosen.map(({ id }) => id)), [chosen])
  const { data } = runs
  const pages = Math.max(1, Math.ceil((data?.total ?? 0) / PAGE_ROWS))
  return (
    <>
      <PageHeader
        title="History"
        lead="Every run of this lab. It refreshes by itself."
        actions={
          <FileButton
            resetRef={forgetFile}
            onChange={(file) => file && bring.mutate(file)}
            accept=".json,.bundle,application/json"
          >
            {(props) => (
              <Button
                variant="default"
                leftSection={<IconFileImport size={16} aria-hidden />}
                loading={bring.isPending}
                {...props}
              >
                Import bundle
              </Button>
            )}
          </FileButton>
        }
      />
      <Stack gap="md">
        {bring.error && (
          <ErrorAlert title={`${bring.variables?.name ?? 'The file'} could not be imported`} error={bring.error} />
        )}
        <div className="history-tools">
          <Group gap="sm" wrap="nowrap">
            <TextInput
              id={HISTORY_SEARCH}
              type="search"
              label="Search"
              placeholder="name, tag, note"
              leftSection={<IconSearch size={16} aria-hidden />}
              flex="0 1 320px"
              miw={0}
              value={typed}
              onChange={({ currentTarget }) => {
                type(currentTarget.value)
                searchFor(currentTarget.value)
              }}
            />
            <NativeSelect
              label="Status"
              w={130}
              flex="none"
              value={status ?? ''}
              data={[{ value: '', label: 'any' }, ...RunStatus.options]}
              onChange={({ currentTarget }) => askFor({ status: currentTarget.value })}
            />
          </Group>
          <CompareBar chosen={chosen} />
        </div>
        {runs.error && !data ? (
          <ErrorAlert title="The history could not be loaded" error={runs.error} onRetry={() => runs.refetch()} />
        ) : !data ? (
          <Skeleton h={420} />
        ) : data.total === 0 && search === '' && status === null ? (
          <NoRuns />
        ) : (
          <>
            <Text size="sm" c="dimmed" role="status">
              {data.total === 0
                ? `No ${status === null ? '' : `${status} `}run${search === '' ? '' : ` matches "${search}"`}.`
                : `${formatCount(data.total)} run${data.total === 1 ? '' : 's'}`}
            </Text>
            {data.total > 0 && <Runs runs={data.runs} chosen={chosenIds} onChoose={chooseRun} />}
            {pages > 1 && (
              <Pagination
                total={pages}
                value={Math.min(page, pages)}
                onChange={(next) => {
                  choosePlace({ page: next > 1 ? String(next) : null })
                  window.scrollTo(0, 0)
                }}
                getControlProps={(control) => ({ 'aria-label': `${control} page` })}
                getItemProps={(number) => ({ 'aria-label': `Page ${number}` })}
                aria-label="Pages of the history"
              />
            )}
          </>
        )}
      </Stack>
    </>
  )
}

/** The earliest is the base: a comparison asks what has changed since. */
function CompareBar({ chosen }: { chosen: readonly ChosenRun[] }) {
  const [base, ...fresh] = chosen.toSorted((a, b) => a.startedAt.localeCompare(b.startedAt))
  const address = new URLSearchParams([...(base ? [['base', base.id]] : []), ...fresh.map(({ id }) => ['new', id])])
  return (
    <Group className="compare-bar" data-chosen={chosen.length > 0 || undefined} gap="sm">
      <Text size="sm" c="dimmed" role="status" style={{ overflowWrap: 'anywhere' }}>
        {fresh.length === 0
          ? chosen.length === 0
            ? 'Choose runs to compare by their boxes'
            : `${chosen[0].name} chosen; choose another`
          : `${base.name} → ${fresh.length === 1 ? fresh[0].name : `${fresh.length} later runs`}`}
      </Text>
      {chosen.length > 0 && (
        <Button variant="subtle" size="compact-sm" onClick={chooseNoRun}>
          Choose none
        </Button>
      )}
      <Button
        variant="default"
        leftSection={<IconScale size={16} aria-hidden />}
        disabled={fresh.length === 0}
        onClick={() => navigate(`/compare?${address}`)}
      >
        Compare
      </Button>
    </Group>
  )
}

function NoRuns() {
  const presets = useQuery(queries.presets.queryOptions({ staleTime: 60_000 }))
  const quick = presets.data?.find(({ name }) => name === 'quick')
  const start = useMutation({
    mutationFn: (spec: unknown) => lab.runs.start({ spec }),
    onSuccess: ({ id }) => navigate(`/runs/${encodeURIComponent(id)}`),
  })
  return (
    <Stack align="center" py={72} gap="sm">
      <Text fw={600}>Nothing has been measured yet</Text>
      <Text size="sm" c="dimmed" ta="center" maw={460}>
        The quick preset takes under a minute: it swaps real pages to a real file on this host's disk and says whether
        writeback is worth it here.
      </Text>
      <Button
        mt="xs"
        leftSection={<IconPlayerPlay size={16} aria-hidden />}
        loading={start.isPending}
        disabled={!quick}
        onClick={() => quick && start.mutate(quick.spec)}
      >
        Run quick
      </Button>
      {start.error && <ErrorAlert title="The run could not be started" error={start.error} />}
    </Stack>
  )
}
