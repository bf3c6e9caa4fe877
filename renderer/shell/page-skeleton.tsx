import { Skeleton, Stack, VisuallyHidden } from '@mantine/core'

/** Holds a page's place while it is loaded. */
export function PageSkeleton() {
  return (
    <Stack gap="md" mih="80vh" aria-busy="true">
      <VisuallyHidden role="status">Loading</VisuallyHidden>
      <Skeleton h={32} w={260} />
      <Skeleton h={120} />
      <Skeleton h={320} />
    </Stack>
  )
}
