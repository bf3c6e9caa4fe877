import type { SweepAxis } from '../../../main/contract/index.ts'
import { valueText } from '../../format/sweep-axis.ts'
import type { ChoiceFacts } from '../../spec-form/choice-facts.ts'
import { type Field, SPEC_FIELDS } from '../../spec-form/field.ts'
import { dotted, isRecord, type Path, type SpecValues, valueAt } from '../../spec-form/values.ts'

/** A field of the specification that can be varied. */
export interface FieldChoice {
  /** Dotted path. */
  path: string
  /** Its title with what it is a field of, e.g. "Lane 2: Codec". */
  title: string
  unit: string | null
  /** Its value now, as it would be written; null where there is none. */
  now: string | null
  /** All values it can have, as they would be written; empty where they are not of a closed list. */
  options: readonly string[]
}

/** What names the experiment, or what a sweep decides itself. */
const NOT_VARIED = ['version', 'name', 'mode', 'label']

/** Every field that a specification with these values has, in the order of the form. */
export function fieldChoices(values: SpecValues, facts: ChoiceFacts): FieldChoice[] {
  return SPEC_FIELDS.flatMap((field) => choicesOf(field, [field.key], [], values, facts))
}

function choicesOf(
  field: Field,
  path: Path,
  within: readonly string[],
  values: SpecValues,
  facts: ChoiceFacts,
): FieldChoice[] {
  if (NOT_VARIED.includes(field.key)) return []
  const value = valueAt(values, path)
  const inside = (fields: readonly Field[], name: string) =>
    fields.flatMap((entry) => choicesOf(entry, [...path, entry.key], [...within, name], values, facts))
  switch (field.kind) {
    case 'group':
      return inside(field.fields, field.title)
    case 'variants':
      return isRecord(value) ? inside(field.variants.get(String(value[field.discriminator])) ?? [], field.title) : []
    case 'list': {
      if (!Array.isArray(value)) return []
      const { item } = field
      return value.flatMap((_, index) =>
        choicesOf({ ...item, title: `Lane ${index + 1}` }, [...path, index], within, values, facts),
      )
    }
    case 'numbers': {
      const beside = valueAt(values, path.slice(0, -1))
      return Object.entries(isRecord(beside) ? beside : {}).flatMap(([key, option]) =>
        (facts.get(key)?.get(String(option))?.parameters ?? []).map(({ name, unit, default: usual }) =>
          choice([...path, name], [...within, name], unit, valueAt(value, [name]) ?? usual, []),
        ),
      )
    }
    case 'choice':
    case 'choiceOrText':
      return [choice(path, [...within, field.title], field.unit, value, field.options.map(written))]
    case 'wordOrNumber':
      return [choice(path, [...within, field.title], field.unit, value, field.words.map(written))]
    case 'switch':
      return [choice(path, [...within, field.title], field.unit, value, ['true', 'false'])]
    case 'number':
    case 'text':
      return [choice(path, [...within, field.title], field.unit, value, [])]
    case 'words':
    case 'fixed':
    case 'other':
      return []
  }
}

function choice(
  path: Path,
  titles: readonly string[],
  unit: string | null,
  value: unknown,
  options: readonly string[],
): FieldChoice {
  const now =
    value === undefined || value === null ? null : typeof value === 'string' ? written(value) : JSON.stringify(value)
  return { path: dotted(path), title: titles.join(': '), unit, now, options }
}

/** Those whose path or title has every word of what was typed. */
export function matching(choices: readonly FieldChoice[], typed: string): FieldChoice[] {
  const words = typed.toLowerCase().split(/\s+/)
  return choices.filter(({ path, title }) => {
    const text = `${path} ${title}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

/** Values separated by commas, as far as a person can part them without reading YAML: those of a closed list have no comma. Quotes stand where they must. */
export function writtenValues(text: string): string[] {
  return text
    .split(',')
    .map((value) => value.trim().replace(/^(["'])([^"'\\]*)\1$/, (_, _quote, inner: string) => written(inner)))
    .filter((value) => value !== '')
}

/** Values as they are written there, in quotes where a text would be read as something else. */
export const textOf = (values: SweepAxis['values']): string =>
  values.map((value) => (typeof value === 'string' ? written(value) : valueText(value))).join(', ')

const written = (text: string): string =>
  /^(?!(true|false|null)$)[a-z][\w./+-]*$/i.test(text) ? text : JSON.stringify(text)
