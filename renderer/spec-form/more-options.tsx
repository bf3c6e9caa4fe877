import { Box, Button, Text } from '@mantine/core'
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { type ReactNode, useId, useState } from 'react'
import { type Field, fallbackOf } from './field.ts'
import type { FormState } from './form-state.ts'
import { dotted, type Path, valueAt } from './values.ts'

interface MoreOptionsProps {
  fields: readonly Field[]
  base: Path
  state: FormState
  children: ReactNode
}

/** Fields that most experiments leave alone, behind a button that names those that were changed. One with a problem is never hidden. */
export function MoreOptions({ fields, base, state, children }: MoreOptionsProps) {
  const id = useId()
  const [wanted, setWanted] = useState(false)
  const troubled = fields.some(({ key }) => isTroubled(state, dotted([...base, key])))
  // It stays open when the problem is solved: a field must not vanish while it is typed in.
  if (troubled && !wanted) setWanted(true)
  const opened = wanted || troubled
  const changed = fields.filter((field) => isChanged(field, valueAt(state.values, [...base, field.key])))
  const Chevron = opened ? IconChevronDown : IconChevronRight
  return (
    <Box mt="sm">
      <Button
        variant="subtle"
        size="compact-sm"
        leftSection={<Chevron size={14} aria-hidden />}
        aria-expanded={opened}
        aria-controls={opened ? id : undefined}
        onClick={() => setWanted(!opened)}
      >
        More options
      </Button>
      {changed.length > 0 && (
        <Text component="span" size="xs" c="dimmed" ml="xs">
          changed: {changed.map(({ title }) => title).join(', ')}
        </Text>
      )}
      {opened && (
        <Box id={id} mt="xs">
          {children}
        </Box>
      )}
    </Box>
  )
}

/** Whether anything is wrong at the path or below it. */
export function isTroubled({ problems }: FormState, path: string): boolean {
  return [...problems.keys()].some((problem) => problem === path || problem.startsWith(`${path}.`))
}

function isChanged(field: Field, value: unknown): boolean {
  return JSON.stringify(value) !== JSON.stringify(fallbackOf(field))
}
