import { ActionIcon, Autocomplete, Box, Chip, Group, Text, TextInput } from '@mantine/core'
import { IconTrash } from '@tabler/icons-react'
import type { LabFault, SweepField } from '../../../main/contract/index.ts'
import { type FieldChoice, matching, writtenValues } from './field-choices.ts'
import type { VaryRow } from './sweep-draft.ts'

interface VaryFieldsProps {
  row: VaryRow
  /** 1-based. */
  number: number
  choices: readonly FieldChoice[]
  problem: { part: 'field' | 'values'; fault: LabFault } | null
  removable: boolean
  onChange: (change: Partial<SweepField>) => void
  onRemove: () => void
}

export const rowFieldId = (id: number): string => `vary-${id}-field`

/** One field and its values, with what there is to choose from and what is wrong. */
export function VaryFields({ row, number, choices, problem, removable, onChange, onRemove }: VaryFieldsProps) {
  const chosen = choices.find(({ path }) => path === row.field.trim())
  const titles = new Map(choices.map(({ path, title }) => [path, title]))
  const errorOf = (part: 'field' | 'values') => {
    if (problem?.part !== part) return undefined
    const { message, remedy } = problem.fault
    return remedy ? `${message} ${remedy}` : message
  }
  return (
    <Box role="group" aria-label={`Varied field ${number}`} className="vary-fields">
      <Autocomplete
        id={rowFieldId(row.id)}
        className="vary-field"
        label="Field"
        placeholder="memory.pool"
        spellCheck={false}
        description={chosen?.title}
        inputWrapperOrder={['label', 'input', 'error', 'description']}
        value={row.field}
        error={errorOf('field')}
        onChange={(field) => onChange({ field })}
        data={choices.map(({ path }) => path)}
        // What is whole is not in doubt: then the others are shown, to choose another.
        filter={({ search }) =>
          matching(choices, chosen ? '' : search).map(({ path }) => ({ value: path, label: path }))
        }
        maxDropdownHeight={320}
        renderOption={({ option }) => (
          <Box miw={0}>
            <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
              {option.value}
            </Text>
            <Text size="xs" c="dimmed">
              {titles.get(option.value)}
            </Text>
          </Box>
        )}
      />
      <Box className="vary-values">
        <TextInput
          label={chosen?.unit ? `Values (${chosen.unit})` : 'Values'}
          placeholder={chosen?.now ? `now ${chosen.now}` : '1024, 2048'}
          spellCheck={false}
          autoComplete="off"
          inputWrapperOrder={['label', 'input', 'error', 'description']}
          value={row.values}
          error={errorOf('values')}
          onChange={({ currentTarget }) => onChange({ values: currentTarget.value })}
        />
        {chosen && chosen.options.length > 0 && (
          <Chip.Group
            multiple
            value={writtenValues(row.values)}
            onChange={(values) => onChange({ values: values.join(', ') })}
          >
            <Group gap={6} mt={6} role="group" aria-label={`Values of ${chosen.path}`}>
              {chosen.options.map((option) => (
                <Chip key={option} value={option} size="xs" variant="outline">
                  {option}
                </Chip>
              ))}
            </Group>
          </Chip.Group>
        )}
      </Box>
      <ActionIcon
        className="vary-remove"
        variant="default"
        size="lg"
        aria-label={`Remove varied field ${number}`}
        disabled={!removable}
        onClick={onRemove}
      >
        <IconTrash size={16} aria-hidden />
      </ActionIcon>
    </Box>
  )
}
