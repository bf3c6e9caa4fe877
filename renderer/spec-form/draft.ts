import { useSyncExternalStore } from 'react'
import { z } from 'zod'
import { ExperimentSpec } from '../../main/contract/index.ts'
import { isRecord, type Path, type SpecValues, withValue } from './values.ts'

/** What is being written on the New run page. Outlives navigation and reloads: nothing typed is lost. */
const Draft = z.object({
  values: z.record(z.string(), z.unknown()),
  tab: z.enum(['form', 'yaml']),
  /** The text as typed; null until the YAML tab has been opened for these values. */
  yaml: z.string().nullable(),
  swapDir: z.string(),
})
export type Draft = z.infer<typeof Draft>

const STORAGE_KEY = 'swaplab.draft.1'

function untouched(): Draft {
  return { values: ExperimentSpec.parse({}), tab: 'form', yaml: null, swapDir: '' }
}

function stored(): Draft {
  try {
    const draft = Draft.safeParse(JSON.parse(localStorage.getItem(STORAGE_KEY) ?? 'null'))
    if (draft.success) return draft.data
  } catch (error) {
    console.warn('the draft of the last window could not be read', error)
  }
  return untouched()
}

let draft = stored()
/** The values as last loaded or reset; null: an earlier window's, of which nobody knows. */
let loaded: SpecValues | null =
  JSON.stringify(draft.values) === JSON.stringify(untouched().values) ? draft.values : null
const listeners = new Set<() => void>()

function become(next: Draft): void {
  draft = next
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(draft))
  } catch (error) {
    console.warn('the draft lives only as long as this window', error)
  }
  for (const listener of listeners) listener()
}

export function useDraft(): Draft {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => draft,
  )
}

/** A change in the form: the YAML text is made anew when its tab is opened. */
export function setDraftValue(path: Path, value: unknown): void {
  const values = withValue(draft.values, path, value)
  if (isRecord(values)) become({ ...draft, values, yaml: null })
}

/** The form as the parsed text says; the text itself stays as typed. */
export function setDraftFromText(values: SpecValues): void {
  become({ ...draft, values: { ...values } })
}

export function setDraftText(yaml: string): void {
  become({ ...draft, yaml })
}

export function setDraftTab(tab: Draft['tab']): void {
  become({ ...draft, tab })
}

export function setDraftSwapDir(swapDir: string): void {
  become({ ...draft, swapDir })
}

/**
 * Another specification (a preset, an earlier run) in place of the draft, or the defaults. What was typed and is lost by it; null: nothing.
 * @param swapDir in place of the draft's
 */
export function replaceDraft(spec: SpecValues | null, swapDir = draft.swapDir): Draft | null {
  const before = draft.values === loaded ? null : draft
  become(spec ? { ...draft, values: { ...spec }, yaml: null, swapDir } : { ...untouched(), tab: draft.tab })
  loaded = draft.values
  return before
}

/** The draft as it was, in the tab that is open. */
export function restoreDraft(before: Draft): void {
  become({ ...before, tab: draft.tab })
}

export const draftValues = (): SpecValues => draft.values
