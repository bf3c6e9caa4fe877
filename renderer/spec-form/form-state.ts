import type { ChoiceFacts } from './choice-facts.ts'
import type { Path } from './values.ts'

/** What every part of the form needs to draw itself. */
export interface FormState {
  values: unknown
  problems: ReadonlyMap<string, string>
  facts: ChoiceFacts
  change: (path: Path, value: unknown) => void
}
