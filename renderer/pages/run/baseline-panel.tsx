import { Anchor, Group, Skeleton, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import type { RunDocument } from '../../../main/contract/index.ts'
import { queries } from '../../lab-client.ts'
import { ErrorAlert } from '../../shell/fault-alert.tsx'
import { Panel } from '../../shell/panel.tsx'
import { readingOf } from '../compare/reading.ts'

/** How the run stands against its baseline, in a line; the rows are a click away. Nothing where there is none. */
export function BaselinePanel({ run }: { run: RunDocument['run'] }) {
  const { baselineId } = run
  const comparison = useQuery(
    queries.runs.compare.queryOptions({
      input: { new: [run.id] },
      enabled: baselineId !== null && baselineId !== run.id,
      staleTime: 60_000,
    }),
  )
  if (baselineId === null || baselineId === run.id) return null
  const { data, error } = comparison
  if (error)
    return <ErrorAlert title="The baseline could not be compared" error={error} onRetry={() => comparison.refetch()} />
  if (!data) return <Skeleton h={96} />
  const readings = data.metrics.map(readingOf)
  const count = (word: (typeof readings)[number]) => readings.filter((reading) => reading === word).length
  const worse = data.metrics.filter((metric) => readingOf(metric) === 'worse')
  return (
    <Panel
      title="Against the baseline"
      lead={`The baseline of this experiment on this host is "${data.base.name}" (${data.base.id}).`}
    >
      <Group justify="space-between" gap="sm">
        <Text size="sm" style={{ flex: '1 1 320px' }}>
          {data.metrics.length === 0
            ? 'Nothing could be compared.'
            : `${count('better')} metrics are better, ${count('worse')} worse, ${count('same')} the same, ${count('unknown')} unknown.`}
          {worse.length > 0 &&
            ` Worse: ${worse
              .slice(0, 3)
              .map(({ lane, metric }) => `${metric} of ${lane}`)
              .join('; ')}${worse.length > 3 ? ' and more' : ''}.`}
        </Text>
        <Anchor
          component={Link}
          size="sm"
          href={`/compare?base=${encodeURIComponent(baselineId)}&new=${encodeURIComponent(run.id)}`}
        >
          Every metric
        </Anchor>
      </Group>
    </Panel>
  )
}
