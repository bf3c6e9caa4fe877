import { Button } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { IconTrophy } from '@tabler/icons-react'
import { bestLanes, faultOf, type SweepDocument } from '../../../main/contract/index.ts'
import { axisText } from '../../format/sweep-axis.ts'
import { navigate } from '../../shell/hash-location.ts'
import { setDraftTab } from '../../spec-form/draft.ts'
import { loadDraft } from '../../spec-form/load-draft.ts'

/** Lanes beside those in which nothing varies. */
const MOST = 3

/** What looks best in a sweep, as one experiment in New run. */
export function MeasureBest({ document, metric }: { document: SweepDocument; metric: string }) {
  const load = () => {
    try {
      const best = bestLanes(document, { metric, most: MOST })
      loadDraft(best.spec)
      setDraftTab('form')
      navigate('/new')
      const told = whatIsLeftOut(best)
      if (told !== null)
        notifications.show({
          id: 'sweep-best',
          title: 'The best lanes are in the form',
          message: told,
          autoClose: 20_000,
        })
    } catch (error) {
      const { message, remedy } = faultOf(error)
      notifications.show({
        id: 'sweep-best',
        color: 'var(--swaplab-bad)',
        title: 'The best lanes make no experiment',
        message: [message, remedy].filter(Boolean).join(' '),
        autoClose: false,
      })
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

/** An experiment has one RAM, one pool limit and one workload: those of the best lane. null where none of them was varied. */
function whatIsLeftOut({ at, elsewhere }: Pick<ReturnType<typeof bestLanes>, 'at' | 'elsewhere'>): string | null {
  const words = (values: typeof at) =>
    Object.entries(values)
      .map(([field, value]) => axisText({ field, values: [value] }))
      .join(', ')
  if (Object.keys(at).length === 0) return null
  const next = elsewhere.length > 0 ? ` Next best elsewhere: ${elsewhere.map(words).join('; ')}.` : ''
  return `They were the best at ${words(at)}, which one experiment has once.${next}`
}
