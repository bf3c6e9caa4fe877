import { Button, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconTrophy } from '@tabler/icons-react'
import { bestLanes, faultOf, type SweepDocument } from '../../../main/contract/index.ts'
import { axisText } from '../../format/sweep-axis.ts'
import { openDraft } from '../../spec-form/load-draft.ts'

/** Lanes beside those in which nothing varies. */
const MOST = 3
const READING_MS = 20_000

/** What looks best in a sweep, as one experiment in New run. */
export function MeasureBest({ document, metric }: { document: SweepDocument; metric: string }) {
  const load = () => {
    try {
      const best = bestLanes(document, { metric, most: MOST })
      openDraft(best.spec)
      const told = whatIsLeftOut(best)
      if (told !== null) say('The best lanes are in the form', told)
    } catch (error) {
      const { message, remedy } = faultOf(error)
      say('The best lanes make no experiment', [message, remedy].filter(Boolean).join(' '))
    }
  }
  return (
    <Button
      size="xs"
      variant="default"
      leftSection={<IconTrophy size={14} aria-hidden />}
      title={`Put the ${MOST} lanes of the best ${metric} into New run as one experiment, beside those in which nothing varies`}
      onClick={load}
    >
      Measure the best {MOST}
    </Button>
  )
}

function say(title: string, message: string): void {
  notifications.show({
    id: 'sweep-best',
    title,
    message: (
      <Text size="sm" c="var(--mantine-color-text)" style={{ overflowWrap: 'anywhere' }}>
        {message}
      </Text>
    ),
    autoClose: READING_MS,
    closeButtonProps: { 'aria-label': 'Close' },
  })
}

/** An experiment has one RAM, one pool limit and one workload: those of the best lane. null where none of them was varied. */
function whatIsLeftOut({ at, elsewhere }: Pick<ReturnType<typeof bestLanes>, 'at' | 'elsewhere'>): string | null {
  const words = (values: typeof at) =>
    Object.entries(values)
      .map(([field, value]) => axisText({ field, values: [value] }))
      .join(', ')
  if (Object.keys(at).length === 0) return null
  const [next] = elsewhere
  return `They were the best at ${words(at)}, which one experiment has once.${next ? ` Next best: at ${words(next)}.` : ''}`
}
