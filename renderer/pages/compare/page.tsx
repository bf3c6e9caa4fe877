import { ActionIcon, Anchor, Button, Group, List, NativeSelect, SimpleGrid, Skeleton, Stack, Text } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { Link, useSearch } from 'wouter'
import { type Comparison, MOST_NEW_RUNS, type RunSummary } from '../../../main/contract/index.ts'
import { formatWhen, wholeFigures } from '../../format/quantity.ts'
import { queries } from '../../lab-client.ts'
import { ErrorAlert } from '../../shell/fault-alert.tsx'
import { navigate } from '../../shell/hash-location.ts'
import { Notice } from '../../shell/notice.tsx'
import { PageHeader } from '../../shell/page-header.tsx'
import { RunModeContext } from '../../shell/run-mode-context.ts'
import { ComparisonTable } from './comparison-table.tsx'

const LEAD = 'Runs beside a base, metric by metric: different, same, or unknown, with how much and how sure.'

/** Runs offered in the selects; older ones are reached from the history. */
const OFFERED = 200

export default function ComparePage() {
  const search = new URLSearchParams(useSearch())
  const base = search.get('base') ?? ''
  const fresh = search.getAll('new').filter(Boolean)
  // One more is asked for than was chosen; it is no part of the address yet.
  const [adding, add] = useState(false)
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
    const next = new URLSearchParams(search)
    next.delete('base')
    next.delete('new')
    if (nextBase !== '') next.set('base', nextBase)
    for (const id of nextNew) next.append('new', id)
    navigate(`/compare?${next}`, { replace: true })
    add(false)
  }
  const usable = useMemo(() => optionsOf(runs.data?.runs ?? []), [runs.data])
  const offered = adding || fresh.length === 0 ? [...fresh, ''] : fresh
  if (runs.data && usable.length < 2 && fresh.length === 0) return <NothingToCompare runs={usable.length} />
  return (
    <>
      <PageHeader title="Compare" named={comparison.data && titleOf(comparison.data)} lead={LEAD} />
      <Stack gap="lg">
        {runs.error && (
          <ErrorAlert title="The runs could not be listed" error={runs.error} onRetry={() => runs.refetch()} />
        )}
        <SimpleGrid cols={{ base: 1, md: 2 }} maw={900} style={{ alignItems: 'start' }}>
          <RunSelect label="Base" value={from} runs={usable} onChange={(id) => show(id, fresh)} />
          <Stack gap="xs">
            {offered.map((id, at) => (
              <RunSelect
                key={id}
                label={at === 0 ? 'New' : `New, ${at + 1}`}
                value={id}
                runs={usable.filter(({ value }) => value === id || !fresh.includes(value))}
                onChange={(chosen) => show(base, [...fresh.slice(0, at), chosen, ...fresh.slice(at + 1)])}
                onRemove={offered.length > 1 ? () => show(base, fresh.toSpliced(at, 1)) : undefined}
              />
            ))}
            <Group>
              <Button
                size="xs"
                variant="subtle"
                leftSection={<IconPlus size={14} aria-hidden />}
                disabled={adding || fresh.length === 0 || fresh.length === MOST_NEW_RUNS}
                onClick={() => add(true)}
              >
                Compare another run
              </Button>
            </Group>
          </Stack>
        </SimpleGrid>
        {from === '' || fresh.length === 0 ? (
          <Text c="dimmed">
            Choose runs, here or by their boxes in the history. A run whose experiment has a baseline is compared with
            that.
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
                    <List.Item key={warning}>{wholeFigures(warning)}</List.Item>
                  ))}
                </List>
              </Notice>
            )}
            <RunModeContext value={comparison.data.base.mode}>
              <RunsComparison comparison={comparison.data} />
            </RunModeContext>
          </>
        ) : (
          <Skeleton h={480} />
        )}
      </Stack>
    </>
  )
}

const titleOf = ({ base, new: fresh }: Comparison): string =>
  `${base.name} → ${[...new Set(fresh.map(({ name }) => name))].join(', ')}`

function RunsComparison({ comparison }: { comparison: Comparison }) {
  const { new: fresh, metrics } = comparison
  // Runs of one experiment often have one name: the id tells them apart, and when they began.
  const nameOf = (id: string) => {
    const run = fresh.find((entry) => entry.id === id)
    return run ? `${run.name} (${id})` : id
  }
  const rows = metrics.map((metric) => ({
    metric,
    group: fresh.length > 1 ? `${metric.lane} · ${nameOf(metric.newRun)}` : metric.lane,
  }))
  return (
    <ComparisonTable
      title={titleOf(comparison)}
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

interface RunOption {
  /** Its id. */
  value: string
  label: string
}

/** Runs that have something to compare; those of one name and minute are told apart by their ids. */
function optionsOf(runs: readonly RunSummary[]): RunOption[] {
  const options = runs
    .filter(({ trialsDone }) => trialsDone > 0)
    .map((run) => ({
      value: run.id,
      label: `${run.name} · ${formatWhen(run.startedAt)}${run.status === 'done' ? '' : ` · ${run.status}`}${run.mode === 'simulate' ? ' · simulated' : ''}${run.baseline ? ' · baseline' : ''}`,
    }))
  const alike = Map.groupBy(options, ({ label }) => label)
  return options.map(({ value, label }) => ({
    value,
    label: alike.get(label)?.length === 1 ? label : `${label} · ${value}`,
  }))
}

interface RunSelectProps {
  label: string
  value: string
  runs: readonly RunOption[]
  onChange: (id: string) => void
  onRemove?: () => void
}

function RunSelect({ label, value, runs, onChange, onRemove }: RunSelectProps) {
  const known = value === '' || runs.some((run) => run.value === value)
  return (
    <Group gap="xs" align="flex-end" wrap="nowrap">
      <NativeSelect
        style={{ flex: 1, minWidth: 0 }}
        label={label}
        value={value}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
        data={[
          { value: '', label: 'Choose a run', disabled: true },
          ...(known ? [] : [{ value, label: value }]),
          ...runs,
        ]}
      />
      {onRemove && (
        <ActionIcon size={36} variant="default" aria-label={`Leave ${label} out`} onClick={onRemove}>
          <IconX size={16} aria-hidden />
        </ActionIcon>
      )}
    </Group>
  )
}

/** A comparison needs two runs with finished trials. */
function NothingToCompare({ runs }: { runs: number }) {
  return (
    <>
      <PageHeader title="Compare" lead={LEAD} />
      <Stack align="center" py={72} gap="sm">
        <Text fw={600}>{runs === 0 ? 'There is nothing to compare yet' : 'There is only one run to compare'}</Text>
        <Text size="sm" c="dimmed" ta="center" maw={460}>
          A comparison needs two runs with finished trials: the same experiment on two days, two kernels or two disks
          shows what has changed. Lanes of one run are compared in its own report.
        </Text>
        <Anchor component={Link} href="/new" underline="always">
          New run
        </Anchor>
      </Stack>
    </>
  )
}
