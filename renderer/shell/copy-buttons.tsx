import { Group, UnstyledButton } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useState } from 'react'
import { asMarkdown, asTsv, type Cells } from '../format/copied-table.ts'

const FORMS = [
  { name: 'Markdown', write: asMarkdown },
  { name: 'TSV', write: asTsv },
] as const

interface CopyButtonsProps {
  /** Names the table. */
  of: string
  cells: () => Cells
}

/** A table to the clipboard: for a mail or an issue, and for a spreadsheet. */
export function CopyButtons({ of, cells }: CopyButtonsProps) {
  const clipboard = useClipboard()
  const [last, setLast] = useState<string | null>(null)
  return FORMS.map(({ name, write }) => {
    const copied = clipboard.copied && last === name
    const Icon = copied ? IconCheck : IconCopy
    return (
      <UnstyledButton
        key={name}
        className="small-deed"
        onClick={() => {
          clipboard.copy(write(cells()))
          setLast(name)
        }}
      >
        <Group gap={4} wrap="nowrap">
          <Icon size={14} aria-hidden />
          {copied ? 'Copied as' : 'Copy as'} {name}
        </Group>
        <span className="unseen">: {of}</span>
      </UnstyledButton>
    )
  })
}
