import { Box, Skeleton, Table, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { formatBytes, formatClock } from '../../format/quantity.ts'
import { faultFrom, inWords } from '../../lab/fault.ts'
import { queries } from '../../lab-client.ts'
import type { SpecValues } from '../../spec-form/values.ts'

const PAUSE_MS = 400

/** What the run will take: time, disk, memory. Red where the disk is too small. */
export function Estimate({
  values,
  swapDir,
  valid,
}: {
  values: SpecValues
  swapDir: string | undefined
  valid: boolean
}) {
  const [spec] = useDebouncedValue(values, PAUSE_MS)
  const [directory] = useDebouncedValue(swapDir, PAUSE_MS)
  const estimate = useQuery(
    queries.spec.estimate.queryOptions({
      input: { spec, swapDir: directory },
      enabled: valid,
      placeholderData: keepPreviousData,
      staleTime: 30_000,
      gcTime: 60_000,
    }),
  )
  const { data } = estimate
  const fits = !data || data.diskBytes <= data.diskFreeBytes
  return (
    <Box component="section" aria-label="Estimate" mih={176}>
      {estimate.error && valid ? (
        <Text size="sm" c="var(--mantine-color-error)">
          No estimate: {inWords(faultFrom(estimate.error))}
        </Text>
      ) : data ? (
        <Box>
          <Table withRowBorders={false} verticalSpacing={2} horizontalSpacing={0}>
            <Table.Tbody>
              <Row
                name="Time"
                value={data.seconds === null ? 'not known yet' : `about ${formatClock(data.seconds * 1000)}`}
              />
              <Row name="Swap file" value={formatBytes(data.diskBytes)} />
              <Row name="Written before the first trial" value={`at most ${formatBytes(data.preparationBytes)}`} />
              <Row name="Free for it" value={formatBytes(data.diskFreeBytes)} bad={!fits} />
              <Row name="Memory of the engine" value={formatBytes(data.memoryBytes)} />
            </Table.Tbody>
          </Table>
          <Text size="xs" c="dimmed" mt={4}>
            {!valid
              ? 'For the specification as it last was without problems.'
              : data.seconds === null
                ? `Time: ${data.basis}`
                : `Time rests on: ${data.basis}`}
          </Text>
          <Text size="sm" c="var(--mantine-color-error)" role="status" mih="1.5em">
            {fits ? '' : 'The swap file does not fit: fewer pages, or another directory.'}
          </Text>
        </Box>
      ) : (
        <Skeleton h={150} />
      )}
    </Box>
  )
}

function Row({ name, value, bad = false }: { name: string; value: string; bad?: boolean }) {
  return (
    <Table.Tr c={bad ? 'var(--mantine-color-error)' : undefined} fw={bad ? 600 : undefined}>
      <Table.Th scope="row" fw={400}>
        {name}
      </Table.Th>
      <Table.Td className="numeric">{value}</Table.Td>
    </Table.Tr>
  )
}
