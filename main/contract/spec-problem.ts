import { z } from 'zod'

/**
 * What is wrong with a value of a specification, and what is allowed there, in words that follow the field's name. For zod's option `error`;
 * undefined leaves zod's own sentence.
 */
export const specProblem: z.core.$ZodErrorMap = (issue) => {
  switch (issue.code) {
    case 'too_big':
    case 'too_small':
      return outside(issue)
    case 'invalid_type':
      return `must be ${isWhole(issue.schema) ? KINDS.int : (KINDS[issue.expected] ?? issue.expected)}${instead(issue.input)}`
    case 'invalid_value':
      return `must be ${oneOf(issue.values.map(String))}${instead(issue.input)}`
    case 'unrecognized_keys':
      return unknownKeys(issue)
    case 'invalid_union':
      return union(issue)
    default:
      return undefined
  }
}

type Issue<Code extends z.core.$ZodRawIssue['code']> = Extract<z.core.$ZodRawIssue, { code: Code }>

const KINDS: Record<string, string> = {
  number: 'a number',
  int: 'a whole number',
  string: 'a text',
  boolean: 'true or false',
  object: 'a group of fields (name: value)',
  record: 'a group of fields (name: value)',
  array: 'a list (- item)',
}

/** Whatever stands there, a whole number is wanted. */
function isWhole(schema: unknown): boolean {
  return schema instanceof z.core.$ZodNumberFormat
}

function outside(issue: Issue<'too_big' | 'too_small'>): string | undefined {
  if (issue.origin === 'number' || issue.origin === 'int') return `must be ${allowed(issue)}${instead(issue.input)}`
  if (issue.origin !== 'array' && issue.origin !== 'string') return undefined
  const limit = issue.code === 'too_big' ? `at most ${issue.maximum}` : `at least ${issue.minimum}`
  const what = issue.origin === 'array' ? 'item' : 'character'
  return `must have ${limit} ${what}${limit.endsWith(' 1') ? '' : 's'}`
}

/** One of the two limits of a number. */
const Limit = z.object({ check: z.enum(['greater_than', 'less_than']), value: z.number(), inclusive: z.boolean() })

/** Both limits of the number that is outside of one of them. */
function allowed({ schema }: Issue<'too_big' | 'too_small'>): string {
  const checks = schema instanceof z.core.$ZodType ? (schema._zod.def.checks ?? []) : []
  const limits = checks.flatMap((check) => Limit.safeParse(check._zod.def).data ?? [])
  const least = limits.find(({ check }) => check === 'greater_than')
  const most = limits.find(({ check }) => check === 'less_than')
  if (least?.inclusive && most?.inclusive) return `${least.value} to ${most.value}`
  return [
    ...(least ? [`${least.inclusive ? 'at least' : 'above'} ${least.value}`] : []),
    ...(most ? [`${most.inclusive ? 'at most' : 'below'} ${most.value}`] : []),
  ].join(' and ')
}

function unknownKeys({ keys, schema }: Issue<'unrecognized_keys'>): string {
  const known = schema instanceof z.core.$ZodObject ? Object.keys(schema._zod.def.shape) : []
  const named = keys.map((key) => `"${key}"`).join(', ')
  const there = known.length > 0 ? `; the fields here are ${known.join(', ')}` : ''
  return `there is no field ${named}${there}`
}

function union({ errors, options, discriminator, input }: Issue<'invalid_union'>): string | undefined {
  const known = z.array(z.string()).safeParse(options).data
  if (discriminator !== undefined && known !== undefined) {
    const chosen = z.object({ [discriminator]: z.unknown() }).safeParse(input).data?.[discriminator]
    return `must be ${oneOf(known)}${instead(chosen)}`
  }
  const ways = [...new Set(errors.flatMap((way) => way.map(({ message }) => message)))]
  return ways.length > 0 ? ways.join(', or ') : undefined
}

function oneOf(words: readonly string[]): string {
  return words.length === 1 ? words[0] : `one of ${words.join(', ')}`
}

/** What stands there, as far as it is short. */
function instead(input: unknown): string {
  switch (typeof input) {
    case 'number':
    case 'boolean':
    case 'bigint':
      return `, not ${input}`
    case 'string':
      return input.length > 40 ? `, not "${input.slice(0, 40)}…"` : `, not "${input}"`
    case 'undefined':
      return ', and is missing'
    default:
      return input === null ? ', not empty' : Array.isArray(input) ? ', not a list' : ', not a group of fields'
  }
}
