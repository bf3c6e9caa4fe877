import { useQuery } from '@tanstack/react-query'
import type { PolicyParameter } from '../../main/contract/index.ts'
import { queries } from '../lab-client.ts'

/** What the lab says about an option of a choice on this host: its title, and why it cannot be chosen. */
export interface OptionFacts {
  title: string
  /** What it is, in a sentence; null where the title says it. */
  description: string | null
  unavailable: string | null
  /** Numbers this option can be tuned by. */
  parameters: readonly PolicyParameter[]
}
/** By field key ('codec', 'lane', 'policy'), then by option. */
export type ChoiceFacts = ReadonlyMap<string, ReadonlyMap<string, OptionFacts>>

/** Numbers beside a choice once another option is chosen: those that tuned the option before, and do not tune this one, go with it. */
export function retuned(
  numbers: Readonly<Record<string, unknown>>,
  before: OptionFacts | undefined,
  after: OptionFacts | undefined,
): Record<string, unknown> {
  const names = (facts: OptionFacts | undefined) => new Set(facts?.parameters.map(({ name }) => name))
  const [left, kept] = [names(before), names(after)]
  return Object.fromEntries(
    Object.entries(numbers).filter(([name]) => after === undefined || !left.has(name) || kept.has(name)),
  )
}

const ONCE = { staleTime: 60_000 } as const

/** Facts about codecs, lanes, allocators and policies; empty until the lab has answered, and then nothing is disabled. */
export function useChoiceFacts(): ChoiceFacts {
  const codecs = useQuery(queries.codecs.queryOptions(ONCE)).data ?? []
  const lanes = useQuery(queries.lanes.queryOptions(ONCE)).data ?? []
  const policies = useQuery(queries.policies.queryOptions(ONCE)).data ?? []
  const allocators = useQuery(queries.allocators.queryOptions(ONCE)).data ?? []
  return new Map<string, ReadonlyMap<string, OptionFacts>>([
    [
      'codec',
      new Map<string, OptionFacts>(
        codecs.map((facts) => [
          facts.codec,
          {
            title: facts.version ? `${facts.codec} ${facts.version}` : facts.codec,
            description: null,
            unavailable: facts.available ? null : `${facts.reason ?? 'not on this host'} (package ${facts.package})`,
            parameters: [],
          },
        ]),
      ),
    ],
    [
      'lane',
      new Map(
        lanes.map((facts) => [
          facts.lane,
          {
            title: facts.title,
            description: facts.description,
            unavailable: facts.available ? null : (facts.reason ?? 'not on this host'),
            parameters: [],
          },
        ]),
      ),
    ],
    [
      'allocator',
      new Map(
        allocators.map((facts) => [
          facts.allocator,
          { title: facts.title, description: facts.description, unavailable: null, parameters: [] },
        ]),
      ),
    ],
    [
      'policy',
      new Map(
        policies.map((facts) => [
          facts.policy,
          {
            title: facts.title,
            description: `${facts.rule}. Source: ${facts.source}.`,
            unavailable: null,
            parameters: facts.parameters,
          },
        ]),
      ),
    ],
  ])
}
