import { Button, Group, Stack, TagsInput, Text, Textarea } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { RunDocument } from '../../../main/contract/index.ts'
import { lab, queries, queryClient } from '../../lab-client.ts'
import { ErrorAlert } from '../../shell/fault-alert.tsx'
import { Panel } from '../../shell/panel.tsx'

const refresh = () => queryClient.invalidateQueries({ queryKey: queries.runs.key() })

/** What a person adds to a run: tags are saved as they change, the note with its button. */
export function NotesPanel({ run }: { run: RunDocument['run'] }) {
  const [typed, setTyped] = useState<string | null>(null)
  const tag = useMutation({ mutationFn: (tags: string[]) => lab.runs.tag({ id: run.id, tags }), onSuccess: refresh })
  const note = useMutation({
    mutationFn: (text: string) => lab.runs.note({ id: run.id, note: text }),
    onSuccess: async () => {
      await refresh()
      setTyped(null)
    },
  })
  const text = typed ?? run.note
  const changed = typed !== null && typed !== run.note
  return (
    <Panel title="Annotations">
      <Stack gap="sm">
        <TagsInput
          label="Tags"
          description="Enter adds one; the history can be searched by them."
          value={tag.isPending ? tag.variables : run.tags}
          maxTags={20}
          clearButtonProps={{ 'aria-label': 'Remove all tags' }}
          onChange={(tags) => tag.mutate(tags.map((entry) => entry.trim().slice(0, 40)).filter(Boolean))}
        />
        {tag.error && <ErrorAlert title="The tags could not be saved" error={tag.error} />}
        <Textarea
          label="Note"
          autosize
          minRows={3}
          maxRows={14}
          maxLength={10_000}
          value={text}
          onChange={({ currentTarget }) => setTyped(currentTarget.value)}
        />
        {note.error && <ErrorAlert title="The note could not be saved" error={note.error} />}
        <Group>
          <Button
            size="xs"
            variant="default"
            disabled={!changed}
            loading={note.isPending}
            onClick={() => note.mutate(text)}
          >
            Save note
          </Button>
          <Text size="xs" c="dimmed" role="status">
            {changed ? 'Not saved yet' : note.isSuccess ? 'Saved' : ''}
          </Text>
        </Group>
      </Stack>
    </Panel>
  )
}
