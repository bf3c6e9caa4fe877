import { z } from 'zod'
import type { PolicyName } from './policy.ts'

/** A number that a policy can be tuned by. */
export const PolicyParameter = z.object({
  name: z.string(),
  default: z.number(),
  min: z.number(),
  max: z.number(),
  unit: z.enum(['share', 'frames', 'zpages', 'bytes', 's', 'ms', 'ns', 'count']),
  meaning: z.string(),
  source: z.string().optional().describe("where the default comes from, unless from the policy's own source"),
})
export type PolicyParameter = z.infer<typeof PolicyParameter>

/** Chosen here: nothing published names a value. */
const OURS = 'ours'

const HEADROOM = {
  name: 'headroom',
  default: 1 / 32,
  min: 0,
  max: 0.25,
  unit: 'share',
  meaning: 'of the pool limit, at least 16 frames',
  source: OURS,
} as const

const BALANCE = {
  name: 'ratio',
  default: 1,
  min: 0.05,
  max: 16,
  unit: 'frames',
  meaning: 'of the pool for one resident anonymous page',
} as const

/** What each policy can be tuned by, in the order it is shown. The rules are in `main/zcache/policies/`. */
export const POLICY_PARAMETERS = {
  'lru-frame': [HEADROOM],
  none: [],
  optimal: [],
  reject: [],
  'lru-zpage': [HEADROOM],
  'one-per-store': [],
  'batch-at-limit': [
    { name: 'batch', default: 16, min: 1, max: 4096, unit: 'zpages', meaning: 'written back for one store' },
  ],
  watermark: [
    {
      name: 'accept',
      default: 0.9,
      min: 0,
      max: 1,
      unit: 'share',
      meaning: 'of the limit, down at which stores are taken again; 1: without hysteresis',
    },
    {
      name: 'batch',
      default: 32,
      min: 1,
      max: 4096,
      unit: 'zpages',
      meaning: 'a turn of the worker writes back',
      source: OURS,
    },
  ],
  'lru-balance': [BALANCE],
  'lru-balance-ephemeral-first': [BALANCE],
  'idle-drip': [
    {
      name: 'quiet',
      default: 30,
      min: 0.01,
      max: 86_400,
      unit: 's',
      meaning: 'without a store before the drip starts',
    },
    { name: 'interval', default: 1, min: 0.001, max: 3600, unit: 's', meaning: 'between two batches' },
    { name: 'batch', default: 32, min: 1, max: 4096, unit: 'zpages', meaning: 'written back each interval' },
  ],
  'idle-age': [
    { name: 'age', default: 120, min: 0.001, max: 86_400, unit: 's', meaning: 'since the store' },
    {
      name: 'batch',
      default: 32,
      min: 1,
      max: 4096,
      unit: 'zpages',
      meaning: 'written back at one look, at most',
      source: OURS,
    },
  ],
  'incompressible-first': [
    HEADROOM,
    {
      name: 'scan',
      default: 64,
      min: 1,
      max: 4096,
      unit: 'zpages',
      meaning: 'the oldest so many are compared for each victim',
      source: OURS,
    },
  ],
  'second-chance': [
    HEADROOM,
    {
      name: 'scan',
      default: 32,
      min: 1,
      max: 4096,
      unit: 'zpages',
      meaning: 'looked at for one victim, at most; then the pass ends without one',
      source: OURS,
    },
  ],
  'protected-feedback': [
    HEADROOM,
    {
      name: 'protect',
      default: 0.25,
      min: 0,
      max: 1,
      unit: 'share',
      meaning: 'of the zpages, beyond which the protected count is halved',
    },
  ],
  'cold-age': [
    {
      name: 'target',
      default: 0.002,
      min: 0,
      max: 1000,
      unit: 'share',
      meaning: 'of resident pages and zpages that may come back from disk in a minute',
    },
    {
      name: 'interval',
      default: 60,
      min: 0.01,
      max: 3600,
      unit: 's',
      meaning: 'after which the threshold is chosen again',
      source: OURS,
    },
    { name: 'youngest', default: 120, min: 0.001, max: 86_400, unit: 's', meaning: 'nothing younger is cold' },
    {
      name: 'percentile',
      default: 0.98,
      min: 0,
      max: 1,
      unit: 'share',
      meaning: 'of the thresholds in the history',
      source: 'ours; theirs was tuned by machine learning, and is not told',
    },
    { name: 'history', default: 60, min: 1, max: 1024, unit: 'count', meaning: 'intervals remembered', source: OURS },
    {
      name: 'batch',
      default: 32,
      min: 1,
      max: 4096,
      unit: 'zpages',
      meaning: 'written back at one look, at most',
      source: OURS,
    },
  ],
  senpai: [
    { name: 'target', default: 10, min: 0.001, max: 60_000, unit: 'ms', meaning: 'of stall in an interval' },
    { name: 'tick', default: 1, min: 0.001, max: 60, unit: 's', meaning: 'between two looks at the stall' },
    { name: 'interval', default: 6, min: 1, max: 3600, unit: 'count', meaning: 'looks before the limit shrinks' },
    { name: 'tighten', default: 0.01, min: 0, max: 1, unit: 'share', meaning: 'of the limit, the largest step down' },
    { name: 'loosen', default: 1, min: 0, max: 1, unit: 'share', meaning: 'of the limit, the largest step up' },
  ],
  'cost-benefit': [
    HEADROOM,
    { name: 'recency', default: 1, min: 0, max: 4, unit: 'count', meaning: 'exponent of the age', source: OURS },
    {
      name: 'density',
      default: 1,
      min: 0,
      max: 4,
      unit: 'count',
      meaning: 'exponent of the fill of the frame',
      source: OURS,
    },
    {
      name: 'scan',
      default: 64,
      min: 1,
      max: 4096,
      unit: 'zpages',
      meaning: 'the oldest so many are scored for each victim',
      source: OURS,
    },
    {
      name: 'admit',
      default: 4096,
      min: 64,
      max: 4096,
      unit: 'bytes',
      meaning: 'larger zpages are refused; 4096 refuses none',
      source: 'after the entropy test of ezswap; a limit in bytes is ours',
    },
  ],
  'frontswap-shrink': [
    { name: 'interval', default: 5, min: 0.001, max: 3600, unit: 's', meaning: 'between two looks' },
    {
      name: 'inertia',
      default: 3,
      min: 0,
      max: 1000,
      unit: 'count',
      meaning: 'looks without growth before the first shrink',
    },
    {
      name: 'share',
      default: 1 / 20,
      min: 0,
      max: 1,
      unit: 'share',
      meaning: 'of the zpages, each time; all where that is one or less; 0: none',
    },
    {
      name: 'byAge',
      default: 0,
      min: 0,
      max: 1,
      unit: 'count',
      meaning: '0: in the order of the slots, as the kernel; 1: the oldest first',
      source: '1 is ours',
    },
    {
      name: 'window',
      default: 5,
      min: 0.001,
      max: 3600,
      unit: 's',
      meaning: 'stored again within this, untouched, is ping-pong',
      source: OURS,
    },
  ],
  'keep-clean': [
    HEADROOM,
    {
      name: 'returns',
      default: 0.3,
      min: 0,
      max: 1,
      unit: 'share',
      meaning:
        'of the pages written back lately that may have come back for copies to rank with all others; with 1 they always do',
    },
    {
      name: 'used',
      default: 0.3,
      min: 0,
      max: 1,
      unit: 'share',
      meaning: 'of the copies that left lately that a fault must have used; with fewer, one clean page in 64 is kept',
    },
    {
      name: 'scan',
      default: 16,
      min: 1,
      max: 4096,
      unit: 'zpages',
      meaning: 'the oldest so many are compared for each victim',
    },
    {
      name: 'spare',
      default: 2,
      min: 0,
      max: 64,
      unit: 'count',
      meaning: 'returns more than the victim, from which on one goes round once more',
    },
    {
      name: 'period',
      default: 4,
      min: 1,
      max: 64,
      unit: 'count',
      meaning: 'returns, for each column of the sketch, in which all its counts are halved',
    },
  ],
} as const satisfies Record<PolicyName, readonly PolicyParameter[]>

/** The names of a policy's parameters. */
export type ParameterOf<Name extends PolicyName> = (typeof POLICY_PARAMETERS)[Name][number]['name']

/** What is wrong with the numbers given to a policy that takes these parameters, each in words that follow the number's name. */
export function parameterProblems(
  policy: string,
  parameters: readonly PolicyParameter[],
  given: Readonly<Record<string, number>>,
): { name: string; message: string }[] {
  const known = new Map(parameters.map((parameter) => [parameter.name, parameter]))
  const stranger =
    known.size > 0
      ? `the policy ${policy} has no such parameter; it takes ${[...known.keys()].join(', ')}`
      : `the policy ${policy} takes no parameters: leave it out`
  return Object.entries(given).flatMap(([name, value]) => {
    const parameter = known.get(name)
    if (!parameter) return { name, message: stranger }
    const { min, max } = parameter
    return value >= min && value <= max ? [] : { name, message: `must be ${min} to ${max}, not ${value}` }
  })
}
