import type { LaneSpec } from '../../../main/contract/index.ts'
import type { ChoiceFacts } from '../../spec-form/choice-facts.ts'

/** What a lane does, and the rule by which it writes back, in the lab's sentences; null where the lab knows neither. */
export function laneMeaning(spec: LaneSpec, facts: ChoiceFacts): string | null {
  const said = (key: string, option: string) => facts.get(key)?.get(option)?.description
  const writesBack = 'policy' in spec && !('writeback' in spec && spec.writeback === 'off')
  const policy = writesBack ? said('policy', spec.policy) : null
  const sentences = [said('lane', spec.lane), policy && `Writeback: ${policy}`]
  return sentences.filter(Boolean).join(' ') || null
}
