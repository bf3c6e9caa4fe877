import { batchAtLimit } from './batch-at-limit.ts'
import { lruFrame } from './lru-frame.ts'
import { lruZpage } from './lru-zpage.ts'
import { onePerStore } from './one-per-store.ts'
import type { PolicyEntry } from './policy.ts'
import { reject } from './reject.ts'
import { watermark } from './watermark.ts'

export type { Policy, PolicyEntry, PolicyParameter, PolicyView, VictimUnit } from './policy.ts'

/** Every policy there is. To add one: its file, its row here, its name in the contract. */
export const POLICIES = {
  reject,
  'lru-frame': lruFrame,
  'lru-zpage': lruZpage,
  'one-per-store': onePerStore,
  'batch-at-limit': batchAtLimit,
  watermark,
} satisfies Record<string, PolicyEntry>

/**
 * The parameters a policy is created with: the given ones over its defaults.
 * @throws RangeError naming a parameter that is unknown or outside its limits
 */
export function policyParameters(entry: PolicyEntry, given: Readonly<Record<string, number>>): Record<string, number> {
  const known = new Map(entry.parameters.map((parameter) => [parameter.name, parameter]))
  for (const [name, value] of Object.entries(given)) {
    const parameter = known.get(name)
    if (!parameter)
      throw new RangeError(
        `${entry.name} has no parameter "${name}"; it takes ${[...known.keys()].join(', ') || 'none'}`,
      )
    if (!(value >= parameter.min && value <= parameter.max))
      throw new RangeError(`${entry.name}: ${name} takes ${parameter.min} to ${parameter.max}, not ${value}`)
  }
  return Object.fromEntries(entry.parameters.map(({ name, default: value }) => [name, given[name] ?? value]))
}
