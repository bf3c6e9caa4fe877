import type { z } from 'zod'
import { ExperimentSpec } from '../../main/contract/index.ts'

/** A specification while it is typed: any shape, corrected by the schema's judgement and never silently changed. */
export type SpecValues = Readonly<Record<string, unknown>>
export type Path = readonly (string | number)[]

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function valueAt(values: unknown, path: Path): unknown {
  let value = values
  for (const key of path) {
    if (Array.isArray(value)) value = value[Number(key)]
    else if (isRecord(value)) value = value[key]
    else return undefined
  }
  return value
}

/** A copy of `values` with `value` at `path`; undefined removes the key (an optional field left empty). */
export function withValue(values: unknown, path: Path, value: unknown): unknown {
  if (path.length === 0) return value
  const [key, ...rest] = path
  if (Array.isArray(values))
    return values.map((entry, index) => (index === key ? withValue(entry, rest, value) : entry))
  const old = isRecord(values) ? values : {}
  const next = withValue(old[key], rest, value)
  if (next !== undefined) return { ...old, [key]: next }
  const { [key]: _removed, ...others } = old
  return others
}

export const dotted = (path: Path): string => path.join('.')

/** One sentence for each kind of problem, in the words of the contract's own sentences ("must be …"). */
function sentence(issue: z.core.$ZodRawIssue): string | undefined {
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined || issue.input === '') return 'must not be empty'
      if (issue.expected === 'int') return 'must be a whole number'
      return issue.expected === 'number' ? 'must be a number' : undefined
    case 'invalid_value':
      return `must be one of ${issue.values.map(String).join(', ')}`
    case 'too_small':
      return issue.origin === 'string' ? 'must not be empty' : `must be at least ${issue.minimum}`
    case 'too_big':
      return issue.origin === 'string'
        ? `must be at most ${issue.maximum} characters`
        : `must be at most ${issue.maximum}`
    default:
      return undefined
  }
}

/** Every problem by its dotted path; empty where the specification may run. */
export function problemsOf(values: unknown): ReadonlyMap<string, string> {
  const result = ExperimentSpec.safeParse(values, { error: sentence })
  const problems = new Map<string, string>()
  if (!result.success)
    for (const issue of result.error.issues) {
      const path = issue.path.map(String).join('.')
      if (!problems.has(path)) problems.set(path, issue.message)
    }
  return problems
}
