import type { ExperimentSpec } from '../../contract/index.ts'

/** What two specifications differ in, by dotted path, as "memory.pool 512 instead of 896"; a name is no part of what is measured. */
export function specDifferences({ name: _, ...base }: ExperimentSpec, { name: __, ...next }: ExperimentSpec): string[] {
  const [before, after] = [new Map(leavesOf(base)), new Map(leavesOf(next))]
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((path) => before.get(path) !== after.get(path))
    .map((path) => `${path} ${after.get(path) ?? 'absent'} instead of ${before.get(path) ?? 'absent'}`)
}

function leavesOf(value: unknown, path: readonly string[] = []): [path: string, text: string][] {
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, child]) => leavesOf(child, [...path, key]))
  return value === undefined ? [] : [[path.join('.'), String(value)]]
}
