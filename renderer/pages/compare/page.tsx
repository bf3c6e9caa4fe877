import { List, NativeSelect, SimpleGrid, Skeleton, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useSearch } from 'wouter'
import type { RunSummary } from '../../../main/contract/index.ts'
import { formatWhen } from '../../format/quantity.ts'
import { queries } from '../../lab-client.ts'
import { ErrorAlert } from '../../shell/fault-alert.tsx'
import { navigate } from '../../shell/hash-location.ts'
import { Notice } from '../../shell/notice.tsx'
import { PageHeader } from '../../shell/page-header.tsx'
import { ComparisonTable } from './comparison-table.tsx'

/** Runs offered in the two selects; older ones are reached from the history. */
const OFFERED = 200

export default function ComparePage() {
  const search = new URLSearchParams(useSearch())
  const base = search.get('base') ?? ''
  const fresh = search.getAll('new').filter(Boolean)
  const runs = useQuery(queries.runs.list.queryOptions({ input: { limit: OFFERED } }))
  const comparison = useQuery(
    queries.runs.compare.queryOptions({
      input: { base, new: fresh },
      enabled: base !== '' && fresh.length > 0,
      staleTime: 60_000,
    }),
  )
  const show = (nextBase: string, nextNew: readonly string[]) => {
    const next = new URLSearchParams([['base', nextBase], ...nextNew.map((id) => ['new', id])])
    navigate(`/compare?${next}`, { replace: true })
  }
  return (
    <>
      <PageHeader
        title="Compare"
        lead="Two runs, metric by metric: different, same, or unknown, with how much and how sure."
      />
      <Stack gap="lg">
        {runs.error && (
          <ErrorAlert title="The runs could not be listed" error={runs.error} onRetry={() => runs.refetch()} />
        )}
        <SimpleGrid cols={{ base: 1, sm: 2 }} maw={900}>
          <RunSelect label="Base" value={base} runs={runs.data?.runs ?? []} onChange={(id) => show(id, fresh)} />
          <RunSelect
            label="New"
            value={fresh[0] ?? ''}
            runs={runs.data?.runs ?? []}
            onChange={(id) => show(base, [id])}
          />
        </SimpleGrid>
        {base === '' || fresh.length === 0 ? (
          <Text c="dimmed">Choose two runs, here or by their boxes in the history.</Text>
        ) : comparison.error ? (
          <ErrorAlert
            title="These runs could not be compared"
            error={comparison.error}
            onRetry={() => comparison.refetch()}
          />
        ) : comparison.data ? (
          <>
            {comparison.data.warnings.length > 0 && (
              <Notice role="region" tone="warn" title="Read with care">
                <List size="sm">
                  {comparison.data.warnings.map((warning) => (
                    <List.Item key={warning}>{warning}</List.Item>
                  ))}
                </List>
              </Notice>
            )}
            <ComparisonTable comparison={comparison.data} />
          </>
        ) : (
          <Skeleton h={480} />
        )}
      </Stack>
    </>
  )
}

interface RunSelectProps {
  label: string
  value: string
  runs: readonly RunSummary[]
  onChange: (id: string) => void
}

function RunSelect({ label, value, runs, onChange }: RunSelectProps) {
  const usable = runs.filter(({ trialsDone }) => trialsDone > 0)
  const known = value === '' || usable.some(({ id }) => id === value)
  return (
    <NativeSelect
      label={label}
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
      data={[
        { value: '', label: 'Choose a run', disabled: true },
        ...(known ? [] : [{ value, label: value }]),
        ...usable.map((run) => ({
          value: run.id,
          label: `${run.name} · ${formatWhen(run.startedAt)}${run.status === 'done' ? '' : ` · ${run.status}`}`,
        })),
      ]}
    />
  )
}
