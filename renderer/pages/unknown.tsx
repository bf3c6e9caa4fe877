import { Anchor, Text } from '@mantine/core'
import { Link } from 'wouter'
import { PageHeader } from '../shell/page-header.tsx'

export default function UnknownPage() {
  return (
    <>
      <PageHeader title="There is no such page" />
      <Text>
        The address may have been mistyped. The{' '}
        <Anchor component={Link} href="/history" underline="always">
          history
        </Anchor>{' '}
        lists every run.
      </Text>
    </>
  )
}
