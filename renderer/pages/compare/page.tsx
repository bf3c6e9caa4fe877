import { List, NativeSelect, SimpleGrid, Skeleton, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useSearch } from 'wouter'
import type { Comparison, RunSummary } from '../../../main/contract/index.ts'
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
  // With a new run alone, its baseline stands where the base was left empty.
  const pinned = useQuery(
    queries.runs.get.queryOptions({
      input: { id: fresh[0] ?? '' },
      enabled: base === '' && fresh.length > 0,
    }),
  ).data?.run.baselineId
  const baseline = pinned !== undefined && pinned !== fresh[0] ? pinned : null
  const from = base === '' ? (baseline ?? '') : base
  const comparison = useQuery(
    queries.runs.compare.queryOptions({
      input: { base: from, new: fresh },
      enabled: from !== '' && fresh.length > 0,
      staleTime: 60_000,
    }),
  )
  const show = (nextBase: string, nextNew: readonly string[]) => {
    const next = new URLSearchParams([
      ...(nextBase === '' ? [] : [['base', nextBase]]),
      ...nextNew.map((id) => ['new', id]),
    ])
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
          <RunSelect label="Base" value={from} runs={runs.data?.runs ?? []} onChange={(id) => show(id, fresh)} />
          <RunSelect
            label="New"
            value={fresh[0] ?? ''}
            runs={runs.data?.runs ?? []}
            onChange={(id) => show(base, [id])}
          />
        </SimpleGrid>
        {from === '' || fresh.length === 0 ? (
          <Text c="dimmed">
            Choose two runs, here or by their boxes in the history. A run whose experiment has a baseline is compared
            with that.
          </Text>
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
            <RunsComparison comparison={comparison.data} />
          </>
        ) : (
          <Skeleton h={480} />
        )}
      </Stack>
    </>
  )
}

function RunsComparison({ comparison }: { comparison: Comparison }) {
  const { base, new: fresh, metrics } = comparison
  const nameOf = (id: string) => fresh.find((run) => run.id === id)?.name ?? id
  const rows = metrics.map((metric) => ({
    metric,
    group: fresh.length > 1 ? `${metric.lane} · ${nameOf(metric.newRun)}` : metric.lane,
  }))
  return (
    <ComparisonTable
      title={`${base.name} → ${fresh.map(({ name }) => name).join(', ')}`}
      columns={['Base', 'New']}
      rows={rows}
      note={
        <Text size="xs" c="dimmed">
          Shift of the medians with its 95 % bootstrap interval. p is adjusted over all rows (Benjamini-Hochberg).
        </Text>
      }
    />
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
          label: `${run.name} · ${formatWhen(run.startedAt)}${run.status === 'done' ? '' : ` · ${run.status}`}${run.baseline ? ' · baseline' : ''}`,
        })),
      ]}
    />
  )
}
