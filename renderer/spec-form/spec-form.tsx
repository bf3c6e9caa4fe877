import { Fieldset, Stack } from '@mantine/core'
import { type Stage, Staged } from '../shell/staged.tsx'
import { useChoiceFacts } from './choice-facts.ts'
import { setDraftValue, useDraft } from './draft.ts'
import { SPEC_FIELDS } from './field.ts'
import { Fields } from './fields.tsx'
import type { FormState } from './form-state.ts'
import { LanesEditor } from './lanes-editor.tsx'
import { WorkloadSelect } from './workload-select.tsx'

/** Held for a section that is not drawn yet, px. */
const SECTION_HEIGHT = 220

/** The words of two keys that are too short to be read. */
const GROUP_TITLES: Record<string, string> = { mm: 'Memory manager', swapfile: 'Swap file' }

/** The whole specification as a form, drawn from the contract. `problems` by dotted path. */
export function SpecForm({ problems }: { problems: ReadonlyMap<string, string> }) {
  const { values } = useDraft()
  const state: FormState = { values, problems, facts: useChoiceFacts(), change: setDraftValue }
  const plain = SPEC_FIELDS.filter(({ kind }) => kind !== 'group' && kind !== 'list')
  const stages: Stage[] = [
    {
      name: 'experiment',
      height: SECTION_HEIGHT,
      content: (
        <Fieldset legend="Experiment">
          <Fields fields={plain} base={[]} state={state} />
        </Fieldset>
      ),
    },
  ]
  for (const field of SPEC_FIELDS) {
    // Models of disk and codecs mean nothing to a run that measures.
    if (field.key === 'simulate' && values.mode !== 'simulate') continue
    const part = { name: field.key, height: SECTION_HEIGHT }
    if (field.kind === 'group')
      stages.push({
        ...part,
        content: (
          <Fieldset legend={GROUP_TITLES[field.key] ?? field.title}>
            {field.key === 'workload' && <WorkloadSelect state={state} />}
            <Fields fields={field.fields} base={[field.key]} state={state} />
          </Fieldset>
        ),
      })
    if (field.kind === 'list')
      stages.push({ ...part, content: <LanesEditor field={field} base={[field.key]} state={state} /> })
  }
  return (
    <Stack gap="md">
      <Staged stages={stages} />
    </Stack>
  )
}
