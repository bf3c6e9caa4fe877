import { NumberInput, SimpleGrid, Text } from '@mantine/core'
import type { PolicyParameter } from '../../main/contract/index.ts'
import { type NumbersField, notUsed } from './field.ts'
import { fieldId } from './field-control.tsx'
import { Part } from './form-part.tsx'
import type { FormState } from './form-state.ts'
import { dotted, isRecord, type Path, valueAt } from './values.ts'

interface NumbersFieldsProps {
  field: NumbersField
  path: Path
  state: FormState
}

/** Numbers by name: those the chosen options beside it can be tuned by, and any other that was written. */
export function NumbersFields({ field, path, state }: NumbersFieldsProps) {
  const found = valueAt(state.values, path)
  const value = isRecord(found) ? found : {}
  const beside = valueAt(state.values, path.slice(0, -1))
  const unused = notUsed(field, beside)
  const known = new Map<string, PolicyParameter>()
  for (const [key, option] of Object.entries(isRecord(beside) ? beside : {}))
    for (const parameter of state.facts.get(key)?.get(String(option))?.parameters ?? [])
      known.set(parameter.name, parameter)
  const names = [...new Set([...known.keys(), ...Object.keys(value)])]
  const problem = state.problems.get(dotted(path))
  if (names.length === 0 && problem === undefined) return null
  return (
    <Part legend={field.title}>
      <Text size="xs" c="dimmed" mb="xs">
        {[unused, field.help].filter(Boolean).join('; ')}
      </Text>
      <SimpleGrid cols={{ base: 1, xs: 2, xl: 3 }} spacing="md" verticalSpacing="sm">
        {names.map((name) => {
          const parameter = known.get(name)
          const own = value[name]
          return (
            <NumberInput
              key={name}
              id={fieldId(dotted([...path, name]))}
              label={parameter?.unit ? `${name} (${parameter.unit})` : name}
              description={
                parameter
                  ? [
                      `${parameter.meaning} ·\u00a0${parameter.min}\u00a0to\u00a0${parameter.max}`,
                      parameter.source && `source of the default: ${parameter.source}`,
                    ]
                      .filter(Boolean)
                      .join('; ')
                  : 'not known to these options: empty it to leave it out'
              }
              variant={unused === null ? 'default' : 'filled'}
              inputWrapperOrder={['label', 'input', 'error', 'description']}
              placeholder={parameter ? String(parameter.default) : undefined}
              clampBehavior="none"
              value={typeof own === 'number' || typeof own === 'string' ? own : ''}
              error={state.problems.get(dotted([...path, name]))}
              onChange={(next) => {
                const { [name]: _before, ...others } = value
                state.change(path, next === '' ? others : { ...others, [name]: next })
              }}
            />
          )
        })}
      </SimpleGrid>
      {problem && (
        <Text size="xs" c="var(--mantine-color-error)" mt={4}>
          {problem}
        </Text>
      )}
    </Part>
  )
}
