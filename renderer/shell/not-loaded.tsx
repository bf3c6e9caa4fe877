import { Anchor, Text } from '@mantine/core'
import { Link } from 'wouter'
import { faultFrom } from '../lab/fault.ts'
import { ErrorAlert } from './fault-alert.tsx'
import { PageHeader } from './page-header.tsx'

const LISTS = { run: { name: 'History', href: '/history' }, sweep: { name: 'Sweeps', href: '/sweeps' } } as const

interface NotLoadedProps {
  of: keyof typeof LISTS
  error: unknown
  onRetry: () => void
}

/** In place of a run or a sweep that is not there, or could not be loaded. */
export function NotLoaded({ of, error, onRetry }: NotLoadedProps) {
  if (faultFrom(error).code !== 'not_found')
    return (
      <>
        <PageHeader title={of === 'run' ? 'Run' : 'Sweep'} />
        <ErrorAlert title={`The ${of} could not be loaded`} error={error} onRetry={onRetry} />
      </>
    )
  const { name, href } = LISTS[of]
  return (
    <>
      <PageHeader title={`There is no such ${of}`} />
      <Text>
        It may have been deleted.{' '}
        <Anchor component={Link} href={href} underline="always">
          {name}
        </Anchor>{' '}
        lists every {of}.
      </Text>
    </>
  )
}
