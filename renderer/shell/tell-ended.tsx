import { Anchor, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import type { RunStatus } from '../../main/contract/index.ts'
import { wholeFigures } from '../format/quantity.ts'
import { pointsText } from '../format/sweep-points.ts'
import { queries, queryClient } from '../lab-client.ts'
import { splitHash } from './hash-location.ts'
import { isUnderWay } from './run-status.tsx'

export type Told = 'run' | 'sweep'

/** Says that a run or a sweep has ended and what it came to, until it is closed: who waits for it looks at another page, or at none. */
export async function tellEnded(of: Told, id: string): Promise<void> {
  const notification = `ended-${of}-${id}`
  // A run that is collected on ends again: what it came to before would stay.
  notifications.hide(notification)
  const address = `/${of}s/${encodeURIComponent(id)}`
  if (splitHash(window.location.hash).path === address) return
  // One that was deleted, or a lab that is away: there is nothing to tell.
  const ended = await ENDED[of](id).catch(() => null)
  if (!ended || isUnderWay(ended)) return
  const { name, status, headline } = ended
  notifications.show({
    id: notification,
    title: `${of === 'run' ? 'Run' : 'Sweep'} ${status}`,
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

interface Ended {
  name: string
  status: RunStatus
  headline: string | null
}

const ENDED = {
  run: async (id) => {
    const { run } = await queryClient.fetchQuery(queries.runs.get.queryOptions({ input: { id }, staleTime: 0 }))
    return run
  },
  sweep: async (id) => {
    const sweep = await queryClient.fetchQuery(queries.sweeps.state.queryOptions({ input: { id }, staleTime: 0 }))
    return { ...sweep, headline: sweep.fault?.message ?? `${pointsText(sweep)}.` }
  },
} as const satisfies Record<Told, (id: string) => Promise<Ended>>
