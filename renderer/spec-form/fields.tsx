import { SimpleGrid, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { retuned } from './choice-facts.ts'
import { type Field, switchVariant, titleOf, type VariantsField } from './field.ts'
import { FieldControl } from './field-control.tsx'
import { Part } from './form-part.tsx'
import type { FormState } from './form-state.ts'
import { MoreOptions } from './more-options.tsx'
import { NumbersFields } from './numbers-fields.tsx'
import { dotted, isRecord, type Path, valueAt } from './values.ts'

interface FieldsProps {
  fields: readonly Field[]
  base: Path
  state: FormState
  lead?: ReactNode
}

interface FieldGridProps extends FieldsProps {
  onChange: (field: Field, value: unknown) => void
}

/** The usual fields, then the rare ones behind a button. */
export function Fields({ fields, base, state, lead }: FieldsProps) {
  const rare = fields.filter((field) => field.rare)
  const onChange = ({ key }: Field, value: unknown) => {
    const before = valueAt(state.values, [...base, key])
    state.change([...base, key], value)
    const options = state.facts.get(key)
    for (const field of fields) {
      const path = [...base, field.key]
      const numbers = valueAt(state.values, path)
      if (options && field.kind === 'numbers' && isRecord(numbers))
        state.change(path, retuned(numbers, options.get(String(before)), options.get(String(value))))
    }
  }
  const common = fields.filter((field) => !field.rare)
  return (
    <>
      <FieldGrid fields={common} base={base} state={state} lead={lead} onChange={onChange} />
      {rare.length > 0 && (
        <MoreOptions fields={rare} base={base} state={state}>
          <FieldGrid fields={rare} base={base} state={state} onChange={onChange} />
        </MoreOptions>
      )}
    </>
  )
}

/** Fields side by side, `lead` first; groups and unions get their own part below. */
function FieldGrid({ fields, base, state, lead, onChange }: FieldGridProps) {
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
            error={field.kind === 'words' ? problemOfAny(state.problems, key) : state.problems.get(key)}
            siblings={isRecord(siblings) ? siblings : {}}
            options={state.facts.get(field.key)}
            onChange={(value) => onChange(field, value)}
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

/** The words of a list have one control: what is wrong with any of them is said there. */
function problemOfAny(problems: FormState['problems'], key: string): string | undefined {
  return [...problems].find(([path]) => path === key || path.startsWith(`${key}.`))?.[1]
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
        help: field.help,
        rare: false,
        usedWith: null,
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
