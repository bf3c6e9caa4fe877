import { Box, NativeSelect } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { ExperimentSpec, type NamedWorkload, WorkloadSpec, workloadOf } from '../../main/contract/index.ts'
import { queries } from '../lab-client.ts'
import { ErrorAlert } from '../shell/fault-alert.tsx'
import type { FormState } from './form-state.ts'
import { valueAt } from './values.ts'

/** The workload as the fields below have it, when it is none of the set. */
const OWN = ''

/** Fills the fields of the workload with one of the set, sized for the RAM above. */
export function WorkloadSelect({ state }: { state: FormState }) {
  const workloads = useQuery(queries.workloads.queryOptions({ staleTime: Number.POSITIVE_INFINITY }))
  if (workloads.error)
    return (
      <Box mb="md">
        <ErrorAlert
          title="The workloads could not be loaded"
          error={workloads.error}
          onRetry={() => workloads.refetch()}
        />
      </Box>
    )
  const set = workloads.data ?? []
  const chosen = set.find((named) => isWorkload(named, state))
  return (
    <NativeSelect
      label="Workload"
      inputWrapperOrder={['label', 'input', 'error', 'description']}
      description={
        chosen ? `${chosen.description} Source: ${chosen.source}.` : 'Fills the fields below, for the RAM above.'
      }
      disabled={set.length === 0}
      value={chosen?.name ?? OWN}
      onChange={({ currentTarget: { value } }) => {
        const named = set.find(({ name }) => name === value)
        if (named) state.change(['workload'], filled(named, state))
      }}
      data={[
        { value: OWN, label: 'as below', disabled: chosen !== undefined },
        ...set.map(({ name, title }) => ({ value: name, label: title })),
      ]}
      mb="md"
      maw={480}
    />
  )
}

/** What is invalid in the form counts as its default. */
function filled(named: NamedWorkload, { values }: FormState): WorkloadSpec {
  const workload = WorkloadSpec.safeParse(valueAt(values, ['workload']))
  const memory = ExperimentSpec.shape.memory.safeParse(valueAt(values, ['memory']))
  const usual = ExperimentSpec.parse({})
  return workloadOf(named, {
    memory: memory.success ? memory.data : usual.memory,
    workload: workload.success ? workload.data : usual.workload,
  })
}

function isWorkload(named: NamedWorkload, state: FormState): boolean {
  const now = WorkloadSpec.safeParse(valueAt(state.values, ['workload']))
  return (
    now.success &&
    JSON.stringify(inOrder(now.data)) === JSON.stringify(inOrder(WorkloadSpec.parse(filled(named, state))))
  )
}

/** The same value as one text, however its keys came in. */
function inOrder(value: unknown): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return value
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, part]) => [key, inOrder(part)])
}
