import { Button, Group, Stack, TagsInput, Text, Textarea } from '@mantine/core'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import type { RunDocument } from '../../../main/contract/index.ts'
import { lab, queries, queryClient } from '../../lab-client.ts'
import { ErrorAlert } from '../../shell/fault-alert.tsx'
import { offerUndo } from '../../shell/offer-undo.tsx'
import { Panel } from '../../shell/panel.tsx'

const refresh = () => queryClient.invalidateQueries({ queryKey: queries.runs.key() })

/** As the contract has them. */
const MOST_TAGS = 20
const MOST_CHARACTERS = 40

/** A note that is not saved yet survives another page and a reload; it is nobody's but this window's. */
const draftKey = (id: string) => `swaplab.note.${id}`

/** What a person adds to a run: tags are saved as they change, the note with its button. */
export function NotesPanel({ run }: { run: RunDocument['run'] }) {
  const [typed, setTyped] = useState(() => sessionStorage.getItem(draftKey(run.id)))
  const type = (text: string | null) => {
    setTyped(text)
    if (text === null) sessionStorage.removeItem(draftKey(run.id))
    else sessionStorage.setItem(draftKey(run.id), text)
  }
  const tag = useMutation({ mutationFn: (tags: string[]) => lab.runs.tag({ id: run.id, tags }), onSuccess: refresh })
  const note = useMutation({
    mutationFn: (text: string) => lab.runs.note({ id: run.id, note: text }),
    onSuccess: async () => {
      await refresh()
      type(null)
    },
  })
  // What is being saved is what stands there, and what a removal takes away.
  const tags = tag.isPending ? tag.variables : run.tags
  const changeTags = (next: string[]) => {
    const before = tags
    const removed = before.filter((entry) => !next.includes(entry))
    tag.mutate(next, {
      onSuccess: () => {
        if (removed.length > 0)
          offerUndo({
            id: `tags-${run.id}`,
            title: removed.length === 1 ? 'Tag removed' : `${removed.length} tags removed`,
            what: removed.join(', '),
            undo: () => tag.mutate(before),
          })
      },
    })
  }
  const text = typed ?? run.note
  const changed = typed !== null && typed !== run.note
  return (
    <Panel title="Annotations">
      <Stack gap="sm">
        <TagsInput
          label="Tags"
          description={`Enter adds one, at most ${MOST_TAGS} of ${MOST_CHARACTERS} characters; the history can be searched by them.`}
          value={tags}
          maxTags={MOST_TAGS}
          clearable
          clearButtonProps={{ 'aria-label': 'Remove all tags', 'aria-hidden': false, tabIndex: 0 }}
          onChange={(typed) => changeTags(typed.map((entry) => entry.trim().slice(0, MOST_CHARACTERS)).filter(Boolean))}
        />
        {tag.error && <ErrorAlert title="The tags could not be saved" error={tag.error} />}
        <Textarea
          label="Note"
          autosize
          minRows={3}
          maxRows={14}
          maxLength={10_000}
          value={text}
          onChange={({ currentTarget }) => type(currentTarget.value)}
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
            {changed ? 'Not saved yet; kept in this window' : note.isSuccess ? 'Saved' : ''}
          </Text>
        </Group>
      </Stack>
    </Panel>
  )
}
