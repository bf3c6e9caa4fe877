import type { PolicyName } from '../../contract/index.ts'
import { batchAtLimit } from './batch-at-limit.ts'
import { coldAge } from './cold-age.ts'
import { costBenefit } from './cost-benefit.ts'
import { frontswapShrink } from './frontswap-shrink.ts'
import { idleAge } from './idle-age.ts'
import { idleDrip } from './idle-drip.ts'
import { incompressibleFirst } from './incompressible-first.ts'
import { keepClean } from './keep-clean.ts'
import { lruBalance, lruBalanceEphemeralFirst } from './lru-balance.ts'
import { lruFrame } from './lru-frame.ts'
import { lruZpage } from './lru-zpage.ts'
import { none } from './none.ts'
import { onePerStore } from './one-per-store.ts'
import { optimal } from './optimal.ts'
import type { PolicyEntry } from './policy.ts'
import { protectedFeedback } from './protected-feedback.ts'
import { reject } from './reject.ts'
import { secondChance } from './second-chance.ts'
import { senpai } from './senpai.ts'
import { watermark } from './watermark.ts'

export type { Future, Policy, PolicyEntry, PolicyParameter, PolicyView, VictimUnit } from './policy.ts'
export { withShrinker } from './zswap-shrinker.ts'

/** Every policy there is; the bounds first. To add one: its file, its row here, its name in the contract. */
export const POLICIES = {
  none,
  optimal,
  reject,
  'lru-frame': lruFrame,
  'lru-zpage': lruZpage,
  'one-per-store': onePerStore,
  'batch-at-limit': batchAtLimit,
  watermark,
  'lru-balance': lruBalance,
  'lru-balance-ephemeral-first': lruBalanceEphemeralFirst,
  'idle-drip': idleDrip,
  'idle-age': idleAge,
  'incompressible-first': incompressibleFirst,
  'second-chance': secondChance,
  'protected-feedback': protectedFeedback,
  'cold-age': coldAge,
  senpai,
  'cost-benefit': costBenefit,
  'frontswap-shrink': frontswapShrink,
  'keep-clean': keepClean,
} satisfies Record<PolicyName, PolicyEntry>

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
