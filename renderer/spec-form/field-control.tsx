import { NativeSelect, NumberInput, Stack, Switch, TagsInput, Text, TextInput } from '@mantine/core'
import { CODEC_LEVELS, CodecName } from '../../main/contract/index.ts'
import { pagesAsBytes } from '../format/quantity.ts'
import type { OptionFacts } from './choice-facts.ts'
import { type ChoiceField, type ChoiceOrTextField, type Field, type NumberField, notUsed } from './field.ts'

export interface FieldControlProps {
  field: Exclude<Field, { kind: 'group' | 'variants' | 'list' | 'fixed' | 'numbers' | 'other' }>
  /** Dotted path; also the element's id, so that a problem can lead to its field. */
  path: string
  value: unknown
  error: string | undefined
  /** The value beside it in the same group, for what depends on it (a level on its codec). */
  siblings: Readonly<Record<string, unknown>>
  options?: ReadonlyMap<string, OptionFacts>
  onChange: (value: unknown) => void
}

export const fieldId = (path: string): string =>
  // The words of a list share one control.
  `field-${path.replace(/(\.[a-z]\w*)\.\d+$/i, '$1').replaceAll('.', '-')}`

/** "RAM (pages)"; a title that is its own unit ("Accesses") stands alone. */
const labelOf = ({ title, unit }: Field): string =>
  unit && unit.toLowerCase() !== title.toLowerCase() ? `${title} (${unit})` : title

/** Help below the input, so that inputs side by side stand on one line. */
const ORDER: ('label' | 'input' | 'error' | 'description')[] = ['label', 'input', 'error', 'description']

interface Common {
  id: string
  label: string
  error: string | undefined
  size: 'sm'
  variant: 'default' | 'filled'
  inputWrapperOrder: typeof ORDER
}

/** One input with label, unit, help, limits and problem, all from the contract. */
export function FieldControl({ field: known, path, value, error, siblings, options, onChange }: FieldControlProps) {
  const unused = notUsed(known, siblings)
  const field = unused === null ? known : { ...known, help: [unused, known.help].filter(Boolean).join('; ') }
  const common: Common = {
    id: fieldId(path),
    label: labelOf(field),
    error,
    size: 'sm',
    variant: unused === null ? 'default' : 'filled',
    inputWrapperOrder: ORDER,
  }
  switch (field.kind) {
    case 'number':
      return (
        <NumberInput
          {...common}
          {...numberHints(field, siblings)}
          value={typeof value === 'number' || typeof value === 'string' ? value : ''}
          // A value out of range stays as typed: the problem is shown beside it.
          clampBehavior="none"
          allowDecimal={!field.whole}
          min={field.minimum ?? undefined}
          max={field.maximum ?? undefined}
          step={field.whole ? stepOf(value) : 0.05}
          required={false}
          onChange={(next) => onChange(next === '' && field.whenEmpty !== 'required' ? field.whenEmpty : next)}
          rightSection={field.unit === 'pages' && typeof value === 'number' ? <InBytes pages={value} /> : undefined}
          rightSectionWidth={field.unit === 'pages' ? 82 : undefined}
          rightSectionPointerEvents={field.unit === 'pages' ? 'none' : 'all'}
        />
      )
    case 'text':
      return (
        <TextInput
          {...common}
          description={field.help}
          value={typeof value === 'string' ? value : ''}
          maxLength={field.maxLength ?? undefined}
          onChange={({ currentTarget }) =>
            onChange(
              currentTarget.value === '' && field.whenEmpty !== 'required' ? field.whenEmpty : currentTarget.value,
            )
          }
        />
      )
    case 'words':
      return (
        <TagsInput
          {...common}
          description={field.help}
          value={Array.isArray(value) ? value.map(String) : []}
          onChange={onChange}
        />
      )
    case 'wordOrNumber':
      return (
        <TextInput
          {...common}
          description={field.help}
          value={String(value ?? '')}
          onChange={({ currentTarget: { value: text } }) => onChange(/^\d+$/.test(text) ? Number(text) : text)}
        />
      )
    case 'choice':
      return <Choice field={field} common={common} value={value} options={options} onChange={onChange} />
    case 'choiceOrText':
      return <ChoiceOrText field={field} common={common} value={value} options={options} onChange={onChange} />
    case 'switch':
      return (
        <Switch
          id={common.id}
          label={common.label}
          description={field.help}
          error={error}
          checked={value === true}
          onChange={({ currentTarget }) => onChange(currentTarget.checked)}
        />
      )
  }
}

function Choice({
  field,
  common,
  value,
  options,
  onChange,
}: {
  field: ChoiceField
  common: Common
  value: unknown
  options: ReadonlyMap<string, OptionFacts> | undefined
  onChange: (value: unknown) => void
}) {
  // What else is not on this host is said once for all lanes.
  const chosen = options?.get(String(value))
  return (
    <NativeSelect
      {...common}
      description={<ChoiceHelp lines={[chosen?.unavailable, chosen?.description, field.help]} />}
      value={String(value ?? '')}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
      data={field.options.map((option) => {
        const facts = options?.get(option)
        return {
          value: option,
          label: facts?.unavailable ? `${option} (unavailable)` : (facts?.title ?? option),
          disabled: Boolean(facts?.unavailable),
        }
      })}
    />
  )
}

/** What the choice is about and what is chosen now, a line each; nothing where there is nothing to say. */
function ChoiceHelp({ lines }: { lines: readonly (string | null | undefined)[] }) {
  return lines
    .filter((line) => line)
    .map((line) => (
      <Text key={line} component="span" display="block" inherit>
        {line}
      </Text>
    ))
}

/** The choice that opens the text; no option is empty. */
const OWN = ''

/** A choice whose last option is a text of one's own, typed below it. */
function ChoiceOrText({
  field,
  common,
  value,
  options,
  onChange,
}: {
  field: ChoiceOrTextField
  common: Common
  value: unknown
  options: ReadonlyMap<string, OptionFacts> | undefined
  onChange: (value: unknown) => void
}) {
  const own = !field.options.includes(String(value))
  return (
    <Stack gap={4}>
      <NativeSelect
        {...common}
        id={own ? undefined : common.id}
        error={own ? undefined : common.error}
        description={<ChoiceHelp lines={[field.help, options?.get(String(value))?.description]} />}
        value={own ? OWN : String(value)}
        onChange={({ currentTarget }) => onChange(currentTarget.value)}
        data={[
          ...field.options.map((option) => ({ value: option, label: options?.get(option)?.title ?? option })),
          { value: OWN, label: 'a file of your own' },
        ]}
      />
      {own && (
        <TextInput
          id={common.id}
          size={common.size}
          variant={common.variant}
          error={common.error}
          aria-label={`${field.title}: path of the file`}
          placeholder="/home/you/mine.ts"
          maxLength={field.maxLength ?? undefined}
          value={typeof value === 'string' ? value : ''}
          onChange={({ currentTarget }) => onChange(currentTarget.value)}
        />
      )}
    </Stack>
  )
}

function InBytes({ pages }: { pages: number }) {
  return (
    <Text size="xs" c="dimmed" pr="xs" ta="right" w="100%">
      {pagesAsBytes(pages)}
    </Text>
  )
}

const limits = new Intl.NumberFormat('en-GB')

function numberHints(field: NumberField, siblings: Readonly<Record<string, unknown>>) {
  const codec = field.key === 'level' ? CodecName.safeParse(siblings.codec) : undefined
  if (codec?.success) {
    const { default: usual, min, max, meaning } = CODEC_LEVELS[codec.data]
    return {
      description: `${field.help}; ${codec.data}: ${min} to ${max}, ${meaning}`,
      placeholder: `${usual}`,
    }
  }
  const { minimum, maximum } = field
  // The limits stay in one line.
  const range =
    minimum !== null && maximum !== null ? `${limits.format(minimum)}\u00a0to\u00a0${limits.format(maximum)}` : null
  return { description: [field.help, range].filter(Boolean).join(' ·\u00a0'), placeholder: undefined }
}

/** Arrow keys move by a step that suits the size: powers of two far up, one by one below 64. */
function stepOf(value: unknown): number {
  if (typeof value !== 'number' || value < 64) return 1
  return 2 ** Math.max(0, Math.floor(Math.log2(value)) - 3)
}
