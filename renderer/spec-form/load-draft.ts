import { offerUndo } from '../shell/offer-undo.tsx'
import { replaceDraft, restoreDraft } from './draft.ts'
import type { SpecValues } from './values.ts'

/** Puts a specification in place of what is being written, or with null the defaults; what was typed can be brought back. */
export function loadDraft(spec: SpecValues | null): void {
  const before = replaceDraft(spec)
  if (before)
    offerUndo({
      id: 'draft-replaced',
      title: spec ? 'Another experiment is in the form' : 'The form was reset',
      what: `What was typed: ${String(before.values.name)}`,
      undo: () => restoreDraft(before),
    })
}
