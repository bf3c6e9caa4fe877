import { LabError, type PolicyName, parameterProblems } from '../../contract/index.ts'
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

export type { Future, Policy, PolicyEntry, PolicyView } from './policy.ts'
export { withShrinker } from './zswap-shrinker.ts'

/** Every policy there is; the bounds first. To add one: its file, its row here, its name and parameters in the contract. */
export const POLICIES: Record<PolicyName, PolicyEntry> = {
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
}

/**
 * The parameters a policy is created with: the given ones over its defaults.
 * @throws LabError `bad_input` naming a parameter that is unknown or outside its limits
 */
export function policyParameters(entry: PolicyEntry, given: Readonly<Record<string, number>>): Record<string, number> {
  const [problem] = parameterProblems(entry.name, entry.parameters, given)
  if (problem)
    throw new LabError({
      code: 'bad_input',
      message: `${problem.name}: ${problem.message}.`,
      field: `lanes.parameters.${problem.name}`,
      remedy: 'Correct the parameter, or leave it out for its default.',
    })
  return Object.fromEntries(entry.parameters.map(({ name, default: value }) => [name, given[name] ?? value]))
}
