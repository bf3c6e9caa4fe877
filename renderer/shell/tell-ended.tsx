import { Anchor, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { wholeFigures } from '../format/quantity.ts'
import { queries, queryClient } from '../lab-client.ts'
import { splitHash } from './hash-location.ts'

/** Says that a run has ended and what it came to, until it is closed: who waits for it looks at another page, or at none. */
export async function tellEnded(id: string): Promise<void> {
  const notification = `ended-${id}`
  // A run that is collected on ends again: what it came to before would stay.
  notifications.hide(notification)
  const address = `/runs/${encodeURIComponent(id)}`
  if (splitHash(window.location.hash).path === address) return
  // One that was deleted, or a lab that is away: there is nothing to tell.
  const ended = await queryClient
    .fetchQuery(queries.runs.get.queryOptions({ input: { id }, staleTime: 0 }))
    .catch(() => null)
  if (!ended) return
  const { name, status, headline } = ended.run
  notifications.show({
    id: notification,
    title: `Run ${status}`,
    message: (
      <>
        <Anchor
          href={`#${address}`}
          size="sm"
          style={{ overflowWrap: 'anywhere' }}
          onClick={() => notifications.hide(notification)}
        >
          <bdi>{name}</bdi>
        </Anchor>
        {headline && (
          <Text size="sm" c="var(--mantine-color-text)" lineClamp={3}>
            {wholeFigures(headline)}
          </Text>
        )}
      </>
    ),
    autoClose: false,
    // Few are shown at once: an offer to undo or an error comes before them.
    priority: -1,
    closeButtonProps: { 'aria-label': 'Close' },
  })
}
