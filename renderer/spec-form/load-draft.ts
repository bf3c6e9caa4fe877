import { focusWhenDrawn } from '../shell/focus-when-drawn.ts'
import { navigate } from '../shell/hash-location.ts'
import { offerUndo } from '../shell/offer-undo.tsx'
import { replaceDraft, restoreDraft, setDraftTab } from './draft.ts'
import { fieldId } from './field-control.tsx'
import type { SpecValues } from './values.ts'

/** Puts a specification in place of what is being written, or with null the defaults; what was typed can be brought back. */
export function loadDraft(spec: SpecValues | null, swapDir?: string): void {
  const before = replaceDraft(spec, swapDir)
  if (before)
    offerUndo({
      id: 'draft-replaced',
      title: spec ? 'Another experiment is in the form' : 'The form was reset',
      what: `What was typed: ${String(before.values.name)}`,
      undo: () => restoreDraft(before),
    })
}

/** The same from another page, which is left for the form: in a narrow window it stands far below the presets. */
export function openDraft(spec: SpecValues, swapDir?: string): void {
  loadDraft(spec, swapDir)
  setDraftTab('form')
  navigate('/new')
  focusWhenDrawn(fieldId('name'))
}
