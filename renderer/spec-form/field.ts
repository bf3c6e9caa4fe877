import { z } from 'zod'
import { ExperimentSpec } from '../../main/contract/index.ts'
import { isRecord } from './values.ts'

/**
 * The form's description of a field, read from the contract's schema: title, unit, help, limits, default and choices stand
 * there once, and nowhere in the renderer.
 */
interface Named {
  key: string
  title: string
  unit: string | null
  help: string | null
  /** Left alone by most experiments. */
  rare: boolean
  /** A field beside it: where that is off, this is not used. */
  usedWith: string | null
  /** What the value becomes when the field is left empty: undefined or null; 'required' where it may not be. */
  whenEmpty: undefined | null | 'required'
  fallback: unknown
}
export interface NumberField extends Named {
  kind: 'number'
  whole: boolean
  minimum: number | null
  maximum: number | null
}
export interface TextField extends Named {
  kind: 'text'
  maxLength: number | null
}
export interface ChoiceField extends Named {
  kind: 'choice'
  options: readonly string[]
}
/** One of the options, or a text of one's own, e.g. a policy or the path of its file. */
export interface ChoiceOrTextField extends Named {
  kind: 'choiceOrText'
  options: readonly string[]
  maxLength: number | null
}
export interface SwitchField extends Named {
  kind: 'switch'
}
/** One of some words, or a whole number: "self" or a process id. */
export interface WordOrNumberField extends Named {
  kind: 'wordOrNumber'
  words: readonly string[]
}
/** Numbers by name, e.g. the parameters of a policy. The names come from the lab, not from the schema. */
export interface NumbersField extends Named {
  kind: 'numbers'
}
/** Words of one's own, e.g. names of metrics. */
export interface WordsField extends Named {
  kind: 'words'
}
/** A shape this form does not know yet: it is edited as YAML. */
export interface OtherField extends Named {
  kind: 'other'
}
export interface FixedField extends Named {
  kind: 'fixed'
}
export interface GroupField extends Named {
  kind: 'group'
  fields: readonly Field[]
}
/** A discriminated union: the value of `discriminator` says which fields there are. */
export interface VariantsField extends Named {
  kind: 'variants'
  discriminator: string
  variants: ReadonlyMap<string, readonly Field[]>
}
export interface ListField extends Named {
  kind: 'list'
  item: Field
  minimum: number
  maximum: number
}
export type Field =
  | NumberField
  | TextField
  | ChoiceField
  | ChoiceOrTextField
  | SwitchField
  | WordOrNumberField
  | NumbersField
  | WordsField
  | OtherField
  | FixedField
  | GroupField
  | VariantsField
  | ListField

/** What is read of JSON Schema; anything else in it is of no concern to a form. */
const Schema = z.object({
  type: z.string().optional(),
  title: z.string().optional(),
  unit: z.string().optional(),
  help: z.string().optional(),
  rare: z.boolean().optional(),
  usedWith: z.string().optional(),
  default: z.unknown().optional(),
  const: z.union([z.string(), z.number()]).optional(),
  enum: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  maximum: z.number().optional(),
  maxLength: z.number().optional(),
  minItems: z.number().optional(),
  maxItems: z.number().optional(),
  required: z.array(z.string()).optional(),
  get additionalProperties() {
    return z.union([z.boolean(), Schema]).optional()
  },
  get properties() {
    return z.record(z.string(), Schema).optional()
  },
  get items() {
    return Schema.optional()
  },
  get oneOf() {
    return z.array(Schema).optional()
  },
  get anyOf() {
    return z.array(Schema).optional()
  },
})
type Schema = z.infer<typeof Schema>

/** 'scan+hot' → 'Scan+hot': the title of a field whose schema gives none. */
export function titleOf(key: string): string {
  return key.charAt(0).toUpperCase() + key.slice(1)
}

function read(key: string, schema: Schema, optional: boolean): Field {
  const nullable = schema.anyOf?.some(({ type }) => type === 'null') ?? false
  const rest = schema.anyOf?.filter(({ type }) => type !== 'null') ?? []
  // A nullable field is read as what it is when it is not null.
  if (nullable && rest.length === 1) {
    const { anyOf: _both, ...outer } = schema
    return { ...read(key, { ...rest[0], ...outer }, optional), whenEmpty: null }
  }
  const named: Named = {
    key,
    title: schema.title ?? titleOf(key),
    unit: schema.unit ?? null,
    help: schema.help ?? null,
    rare: schema.rare ?? false,
    usedWith: schema.usedWith ?? null,
    whenEmpty: optional ? undefined : 'required',
    fallback: schema.default === undefined ? schema.const : schema.default,
  }
  const minimum = schema.minimum ?? schema.exclusiveMinimum ?? null
  const { maximum = null } = schema
  if (schema.oneOf) return readVariants(named, schema.oneOf)
  if (schema.const !== undefined) return { ...named, kind: 'fixed' }
  if (schema.enum) return { ...named, kind: 'choice', options: schema.enum }
  if (schema.anyOf) {
    const options = schema.anyOf.find((entry) => entry.enum)?.enum
    const text = schema.anyOf.find((entry) => entry.type === 'string' && !entry.enum && entry.const === undefined)
    if (options && text && schema.anyOf.length === 2)
      return { ...named, kind: 'choiceOrText', options, maxLength: text.maxLength ?? null }
    const words = schema.anyOf.flatMap((entry) =>
      typeof entry.const === 'string' ? [entry.const] : (entry.enum ?? []),
    )
    return words.length > 0 ? { ...named, kind: 'wordOrNumber', words } : { ...named, kind: 'other' }
  }
  switch (schema.type) {
    case 'integer':
    case 'number':
      return { ...named, kind: 'number', whole: schema.type === 'integer', minimum, maximum }
    case 'string':
      return { ...named, kind: 'text', maxLength: schema.maxLength ?? null }
    case 'boolean':
      return { ...named, kind: 'switch' }
    case 'object': {
      if (typeof schema.additionalProperties === 'object')
        return { ...named, kind: schema.additionalProperties.type === 'number' ? 'numbers' : 'other' }
      const fields = readFields(schema)
      // One possible value is nothing to ask about.
      if (fields.every(({ kind }) => kind === 'fixed'))
        return {
          ...named,
          kind: 'fixed',
          fallback: Object.fromEntries(fields.map((entry) => [entry.key, entry.fallback])),
        }
      return { ...named, kind: 'group', fields }
    }
    case 'array':
      if (!schema.items) break
      if (schema.items.type === 'string' && !schema.items.enum) return { ...named, kind: 'words' }
      return {
        ...named,
        kind: 'list',
        item: read(key, schema.items, false),
        minimum: schema.minItems ?? 0,
        maximum: schema.maxItems ?? Number.POSITIVE_INFINITY,
      }
  }
  return { ...named, kind: 'other' }
}

function readFields(schema: Schema): Field[] {
  const required = new Set(schema.required)
  return Object.entries(schema.properties ?? {}).map(([key, entry]) => read(key, entry, !required.has(key)))
}

function readVariants(named: Named, entries: readonly Schema[]): VariantsField {
  const discriminator = Object.entries(entries[0]?.properties ?? {}).find(([, entry]) => entry.const !== undefined)?.[0]
  if (!discriminator) throw new Error(`the union at "${named.key}" has no discriminator`)
  const variants = new Map(
    entries.map((entry) => [
      String(entry.properties?.[discriminator]?.const),
      readFields(entry).filter(({ key }) => key !== discriminator),
    ]),
  )
  return { ...named, kind: 'variants', discriminator, variants }
}

/** The fields of a schema. `output`, because there a preprocessed field still says what it becomes. */
export function fieldsOf(schema: z.ZodType): readonly Field[] {
  return readFields(Schema.parse(z.toJSONSchema(schema, { io: 'output' })))
}

/** The whole specification, in the contract's order. */
export const SPEC_FIELDS = fieldsOf(ExperimentSpec)

/** A field's value when nothing was typed; undefined where it may be left out. */
export function fallbackOf(field: Field): unknown {
  switch (field.kind) {
    case 'group':
      return Object.fromEntries(field.fields.map((entry) => [entry.key, fallbackOf(entry)]))
    case 'variants': {
      const [first] = field.variants.keys()
      return switchVariant(field, {}, first)
    }
    case 'list':
      return field.fallback ?? []
    case 'text':
      return field.fallback ?? (field.whenEmpty === 'required' ? '' : field.whenEmpty)
    default:
      return field.fallback
  }
}

/** Why a field is not used beside these values; null where it is. */
export function notUsed({ usedWith }: Pick<Named, 'usedWith'>, siblings: unknown): string | null {
  return usedWith !== null && isRecord(siblings) && siblings[usedWith] === 'off' ? `not used: ${usedWith} is off` : null
}

/** Whether a value that another field of the same name had means something here: "on" is no writeback of zram. */
function takes(field: Field, value: unknown): boolean {
  return field.kind !== 'choice' || field.options.includes(String(value))
}

/**
 * The value after another variant was chosen: fields of the same name keep what was typed where they can take it, the others start at
 * their default, and so do those that stood at the default of the variant before (another lane has another usual allocator).
 */
export function switchVariant(
  field: VariantsField,
  value: Readonly<Record<string, unknown>>,
  variant: string,
): Record<string, unknown> {
  const next: Record<string, unknown> = { [field.discriminator]: variant }
  const before = new Map(field.variants.get(String(value[field.discriminator]))?.map((entry) => [entry.key, entry]))
  for (const entry of field.variants.get(variant) ?? []) {
    const old = before.get(entry.key)
    const own = value[entry.key]
    const typed = (old === undefined || own !== fallbackOf(old)) && takes(entry, own) ? own : undefined
    next[entry.key] = typed ?? fallbackOf(entry)
  }
  return next
}
