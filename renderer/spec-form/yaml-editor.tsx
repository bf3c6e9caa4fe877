import { Text, Textarea } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { LabFault } from '../../main/contract/index.ts'
import { faultFrom } from '../lab/fault.ts'
import { lab, queries } from '../lab-client.ts'
import { setDraftFromText, setDraftText, useDraft } from './draft.ts'

const PAUSE_MS = 400

/** The same specification as text. The lab reads and writes the YAML; a text it refuses stays as typed. */
export function YamlEditor() {
  const { values, yaml } = useDraft()
  const [settled] = useDebouncedValue(yaml, PAUSE_MS)

  useEffect(() => {
    if (yaml !== null) return
    let wanted = true
    lab.spec.write({ spec: values }).then(
      ({ yaml }) => wanted && setDraftText(yaml),
      // JSON is YAML: values that do not validate yet can still be edited as text.
      () => wanted && setDraftText(JSON.stringify(values, null, 2)),
    )
    return () => {
      wanted = false
    }
  }, [yaml, values])

  const parsed = useQuery(
    queries.spec.parse.queryOptions({
      input: { text: settled ?? '' },
      enabled: settled !== null && settled === yaml,
      gcTime: 0,
      staleTime: Number.POSITIVE_INFINITY,
    }),
  )
  const current = settled === yaml
  const { data } = parsed
  useEffect(() => {
    if (data && current) setDraftFromText(data)
  }, [data, current])

  const fault = current && parsed.error ? faultFrom(parsed.error) : null
  return (
    <div>
      <Textarea
        label="Specification (YAML or JSON)"
        description="Defaults may be left out; unknown keys are errors."
        value={yaml ?? ''}
        readOnly={yaml === null}
        onChange={({ currentTarget }) => setDraftText(currentTarget.value)}
        autosize
        minRows={24}
        maxRows={60}
        spellCheck={false}
        styles={{
          input: {
            fontFamily: 'var(--mantine-font-family-monospace)',
            fontSize: '0.85rem',
            tabSize: 2,
            color: 'var(--mantine-color-text)',
          },
        }}
        error={fault ? sentenceOf(fault) : undefined}
      />
      <Text size="sm" mt={4} h="1.5em" role="status">
        {fault ? '' : current && parsed.isSuccess ? 'Valid.' : 'Reading…'}
      </Text>
    </div>
  )
}

/** The fault's sentence, led by its field unless it names it already. */
function sentenceOf({ field, message }: LabFault): string {
  return field && !message.includes(field) ? `${field}: ${message}` : message
}

/** Of the text last typed: only one that the lab has read, a success, may be started. */
export function useYamlReading(): 'pending' | 'error' | 'success' {
  const { yaml } = useDraft()
  const parsed = useQuery(queries.spec.parse.queryOptions({ input: { text: yaml ?? '' }, enabled: false, gcTime: 0 }))
  return parsed.status
}
