import { Box, Fieldset, SimpleGrid, Stack, Text, Title } from '@mantine/core'
import { type ReactNode, useId } from 'react'
import { type Stage, Staged } from '../shell/staged.tsx'
import { type ChoiceFacts, useChoiceFacts } from './choice-facts.ts'
import { setDraftValue, useDraft } from './draft.ts'
import { type Field, SPEC_FIELDS, switchVariant, titleOf, type VariantsField } from './field.ts'
import { FieldControl } from './field-control.tsx'
import { LanesEditor } from './lanes-editor.tsx'
import { NumbersFields } from './numbers-fields.tsx'
import { dotted, isRecord, type Path, valueAt } from './values.ts'

/** What every part of the form needs to draw itself. */
export interface FormState {
  values: unknown
  problems: ReadonlyMap<string, string>
  facts: ChoiceFacts
  change: (path: Path, value: unknown) => void
}

/** Held for a section that is not drawn yet, px. */
const SECTION_HEIGHT = 220

/** The words of two keys that are too short to be read. */
const GROUP_TITLES: Record<string, string> = { mm: 'Memory manager', swapfile: 'Swap file' }

/** The whole specification as a form, drawn from the contract. `problems` by dotted path. */
export function SpecForm({ problems }: { problems: ReadonlyMap<string, string> }) {
  const { values } = useDraft()
  const state: FormState = { values, problems, facts: useChoiceFacts(), change: setDraftValue }
  const plain = SPEC_FIELDS.filter(({ kind }) => kind !== 'group' && kind !== 'list')
  const stages: Stage[] = [
    {
      name: 'experiment',
      height: SECTION_HEIGHT,
      content: (
        <Fieldset legend="Experiment">
          <Fields fields={plain} base={[]} state={state} />
        </Fieldset>
      ),
    },
  ]
  for (const field of SPEC_FIELDS) {
    const part = { name: field.key, height: SECTION_HEIGHT }
    if (field.kind === 'group')
      stages.push({
        ...part,
        content: (
          <Fieldset legend={GROUP_TITLES[field.key] ?? field.title}>
            <Fields fields={field.fields} base={[field.key]} state={state} />
          </Fieldset>
        ),
      })
    if (field.kind === 'list')
      stages.push({ ...part, content: <LanesEditor field={field} base={[field.key]} state={state} /> })
  }
  return (
    <Stack gap="md">
      <Staged stages={stages} />
    </Stack>
  )
}

/** Fields side by side, `lead` first; groups and unions get their own part below. */
export function Fields({
  fields,
  base,
  state,
  lead,
}: {
  fields: readonly Field[]
  base: Path
  state: FormState
  lead?: ReactNode
}) {
  const simple: ReactNode[] = []
  const parts: ReactNode[] = []
  const siblings = valueAt(state.values, base)
  for (const field of fields) {
    const path = [...base, field.key]
    const key = dotted(path)
    switch (field.kind) {
      case 'fixed':
      case 'list':
        break
      case 'group':
        parts.push(
          <Part key={key} legend={field.title}>
            <Fields fields={field.fields} base={path} state={state} />
          </Part>,
        )
        break
      case 'numbers':
        parts.push(<NumbersFields key={key} field={field} path={path} state={state} />)
        break
      case 'other':
        parts.push(
          <Part key={key} legend={field.title}>
            <Text size="sm">{[field.help, 'Edited in the YAML tab.'].filter(Boolean).join('. ')}</Text>
          </Part>,
        )
        break
      case 'variants':
        parts.push(
          <Part key={key} legend={field.title}>
            <VariantFields field={field} base={path} state={state} />
          </Part>,
        )
        break
      default:
        simple.push(
          <FieldControl
            key={key}
            field={field}
            path={key}
            value={valueAt(state.values, path)}
            error={state.problems.get(key)}
            siblings={isRecord(siblings) ? siblings : {}}
            options={state.facts.get(field.key)}
            onChange={(value) => state.change(path, value)}
          />,
        )
    }
  }
  if (!lead && simple.length === 0 && parts.length === 0) return null
  return (
    <>
      {(lead || simple.length > 0) && (
        <SimpleGrid cols={{ base: 1, xs: 2, xl: 3 }} spacing="md" verticalSpacing="sm">
          {lead}
          {simple}
        </SimpleGrid>
      )}
      {parts}
    </>
  )
}

/** A group inside a group: a heading and a line, no second box. */
export function Part({ legend, children }: { legend: string; children: ReactNode }) {
  const id = useId()
  return (
    <Box role="group" aria-labelledby={id} className="form-part">
      <Title order={3} size="sm" id={id} mb="xs">
        {legend}
      </Title>
      {children}
    </Box>
  )
}

/** A discriminated union: a select that changes which fields follow. */
export function VariantFields({ field, base, state }: { field: VariantsField; base: Path; state: FormState }) {
  const value = valueAt(state.values, base)
  const record = isRecord(value) ? value : {}
  const variant = String(record[field.discriminator] ?? '')
  const path = dotted([...base, field.discriminator])
  const choice = (
    <FieldControl
      field={{
        kind: 'choice',
        key: field.discriminator,
        title: titleOf(field.discriminator),
        unit: null,
        help: null,
        whenEmpty: 'required',
        fallback: undefined,
        options: [...field.variants.keys()],
      }}
      path={path}
      value={variant}
      error={state.problems.get(path) ?? state.problems.get(dotted(base))}
      siblings={record}
      options={state.facts.get(field.discriminator)}
      onChange={(next) => state.change(base, switchVariant(field, record, String(next)))}
    />
  )
  return <Fields fields={field.variants.get(variant) ?? []} base={base} state={state} lead={choice} />
}
