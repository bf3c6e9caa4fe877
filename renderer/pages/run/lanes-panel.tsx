import { NativeSelect, Skeleton, Stack, Text } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { RunDocument } from '../../../main/contract/index.ts'
import { queries } from '../../lab-client.ts'
import { ErrorAlert } from '../../shell/fault-alert.tsx'
import { usePlace } from '../../shell/use-place.ts'
import { ComparisonTable } from '../compare/comparison-table.tsx'

/** As much as is read at once, px: every metric at its length would be longer than the rest of the report. */
const TABLE_HEIGHT = 560

/** Two lanes of the run beside each other, block by block; at first those of its first verdict. */
export function LanesPanel({ document: { run, lanes } }: { document: RunDocument }) {
  const [place, choose] = usePlace()
  const laneAt = (side: 'base' | 'new') => lanes.find(({ label }) => label === place.get(side))?.label
  const comparison = useQuery(
    queries.runs.compareLanes.queryOptions({
      input: { id: run.id, base: laneAt('base'), new: laneAt('new') },
      staleTime: Number.POSITIVE_INFINITY,
      placeholderData: keepPreviousData,
    }),
  )
  if (comparison.error)
    return (
      <ErrorAlert
        title="The lanes could not be compared"
        error={comparison.error}
        onRetry={() => comparison.refetch()}
      />
    )
  const { data } = comparison
  if (!data) return <Skeleton h={TABLE_HEIGHT} />
  const select = (label: string, value: string, other: string, onChange: (lane: string) => void) => (
    <NativeSelect
      size="xs"
      maw={220}
      aria-label={label}
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
      data={lanes.map((lane) => ({ value: lane.label, label: lane.label, disabled: lane.label === other }))}
    />
  )
  return (
    <ComparisonTable
      title="Lanes block by block"
      maxHeight={TABLE_HEIGHT}
      columns={['Base', 'New']}
      rows={data.metrics.map((metric) => ({ metric, group: `${data.base} → ${data.new}` }))}
      controls={
        <>
          {select('Base lane', data.base, data.new, (base) => choose({ base, new: data.new }))}
          {select('New lane', data.new, data.base, (fresh) => choose({ base: data.base, new: fresh }))}
        </>
      }
      note={
        <Stack gap={2}>
          <Text size="xs" c="dimmed">
            Shift of the ratio within a block (Hodges-Lehmann) with the 95 % interval that inverts the signed-rank test;
            from six blocks on. p is adjusted over all rows (Benjamini-Hochberg): what the answer on top is sure of,
            which asks about one of them, can be unknown here.
          </Text>
          {data.warnings.map((warning) => (
            <Text key={warning} size="xs" c="dimmed">
              {warning}
            </Text>
          ))}
        </Stack>
      }
    />
  )
}
