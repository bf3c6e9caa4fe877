import { Button, Group, Stack, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconPlayerPlay, IconPlus } from '@tabler/icons-react'
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { LabFault } from '../../../main/contract/index.ts'
import { formatCount } from '../../format/quantity.ts'
import { faultFrom } from '../../lab/fault.ts'
import { lab, queries, queryClient } from '../../lab-client.ts'
import { FaultAlert } from '../../shell/fault-alert.tsx'
import { focusWhenDrawn } from '../../shell/focus-when-drawn.ts'
import { navigate } from '../../shell/hash-location.ts'
import { PageHeader } from '../../shell/page-header.tsx'
import { Panel } from '../../shell/panel.tsx'
import { RunModeBadge } from '../../shell/run-mode.tsx'
import { useChoiceFacts } from '../../spec-form/choice-facts.ts'
import { useDraft } from '../../spec-form/draft.ts'
import { placeOf, sortRows, varyOf } from './asked.ts'
import { BasePanel } from './base-panel.tsx'
import { fieldChoices } from './field-choices.ts'
import { addRow, changeRow, MOST_ROWS, removeRow, useVaryRows } from './sweep-draft.ts'
import { rowFieldId, VaryFields } from './vary-fields.tsx'

const PAUSE_MS = 400

export default function NewSweepPage() {
  const { values } = useDraft()
  const rows = useVaryRows()
  const facts = useChoiceFacts()
  const choices = fieldChoices(values, facts)
  const { whole, half } = useMemo(() => sortRows(rows), [rows])
  const [asked] = useDebouncedValue(whole, PAUSE_MS)
  const settled = asked === whole
  const check = useQuery(
    queries.sweeps.check.queryOptions({
      input: { spec: values, vary: varyOf(asked) },
      enabled: asked.length > 0,
      placeholderData: keepPreviousData,
      gcTime: 60_000,
    }),
  )
  const start = useMutation({
    mutationFn: () => lab.sweeps.start({ spec: values, vary: varyOf(whole) }),
    onSuccess: ({ id }) => {
      void queryClient.invalidateQueries({ queryKey: queries.sweeps.list.key() })
      navigate(`/sweeps/${encodeURIComponent(id)}`)
    },
  })
  // A refusal belongs to what was sent; what is typed since is judged by itself.
  const failed = asked.length === 0 ? null : (check.error ?? start.error)
  const fault = failed && faultFrom(failed)
  const place = fault && placeOf(fault, asked)
  const change = (...changes: Parameters<typeof changeRow>) => {
    start.reset()
    changeRow(...changes)
  }
  const ready = check.isSuccess && !check.isPlaceholderData && settled && half.length === 0
  return (
    <>
      <PageHeader
        title="New sweep"
        beside={<RunModeBadge mode="simulate" />}
        lead="Every combination of the values below is a point, simulated on all CPUs with models of disk and codecs. Nothing is measured, and no disk is touched."
      />
      <Stack gap="lg" maw={1080}>
        <BasePanel values={values} fault={place?.at === 'spec' ? fault : null} />
        <Panel
          title="What is varied"
          lead="A field of the specification and its values, separated by commas. What is written here is kept."
        >
          <Stack gap="md">
            {rows.map((row, index) => (
              <VaryFields
                key={row.id}
                row={row}
                number={index + 1}
                choices={choices}
                problem={place?.at === 'row' && place.id === row.id && fault ? { part: place.part, fault } : null}
                removable={rows.length > 1 || row.field !== '' || row.values !== ''}
                onChange={(part) => change(row.id, part)}
                onRemove={() => {
                  start.reset()
                  const beside = rows[index + 1] ?? rows[index - 1]
                  removeRow(row.id)
                  focusWhenDrawn(rowFieldId(beside?.id ?? 0))
                }}
              />
            ))}
            <Group justify="space-between" align="center">
              <Button
                size="xs"
                variant="default"
                leftSection={<IconPlus size={14} aria-hidden />}
                disabled={rows.length >= MOST_ROWS}
                onClick={() => focusWhenDrawn(rowFieldId(addRow()))}
              >
                Add a field
              </Button>
              <Text size="sm" fw={600} role="status" mih="1.5em">
                {whole.length === 0
                  ? ''
                  : !settled || check.isFetching
                    ? 'Reading…'
                    : check.isSuccess
                      ? sizeText(check.data.points, values.lanes)
                      : ''}
              </Text>
            </Group>
          </Stack>
        </Panel>
        {fault && place?.at === 'none' && <SweepRefused fault={fault} />}
        <Group gap="md">
          <Button
            leftSection={<IconPlayerPlay size={16} aria-hidden />}
            disabled={!ready}
            loading={start.isPending}
            onClick={() => start.mutate()}
          >
            Start sweep
          </Button>
          <Text size="sm" c="dimmed" role="status">
            {whole.length + half.length === 0
              ? 'Name a field and its values first.'
              : half.length > 0
                ? `${half[0].field.trim() === '' ? 'A field has no name' : `${half[0].field.trim()} has no values`} yet.`
                : ''}
          </Text>
        </Group>
      </Stack>
    </>
  )
}

function SweepRefused({ fault }: { fault: LabFault }) {
  return <FaultAlert title="The lab refused this sweep" fault={fault} />
}

/** "12 points × 3 lanes" */
function sizeText(points: number, lanes: unknown): string {
  const each = Array.isArray(lanes) ? lanes.length : 0
  return `${formatCount(points)} point${points === 1 ? '' : 's'} × ${each} lane${each === 1 ? '' : 's'}`
}
