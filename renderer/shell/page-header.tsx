import { Box, Group, Text, Title } from '@mantine/core'
import { type ReactNode, useEffect } from 'react'
import { formatProgress } from '../format/quantity.ts'
import { useActiveRuns } from './use-active-runs.ts'

interface PageHeaderProps {
  title: string
  /** What the window is named, where the heading alone does not tell it from others of its kind. */
  named?: string
  lead?: ReactNode
  /** Badges beside the title. */
  beside?: ReactNode
  /** At the right of the title. */
  actions?: ReactNode
  /** Actions in a row of their own, where they are too many or change: what is below stays in its place. */
  toolbar?: ReactNode
}

/** The page's only h1, with its actions; also names the window, and says there how far what is measured now is. */
export function PageHeader({ title, named = title, lead, beside, actions, toolbar }: PageHeaderProps) {
  const running = useActiveRuns().data?.find(({ status }) => status === 'running')
  const windowTitle = `${running ? `${formatProgress(running.fraction)} · ` : ''}${named} · Swaplab`
  useEffect(() => {
    document.title = windowTitle
  }, [windowTitle])
  return (
    <Group justify="space-between" align="flex-start" mb="lg" gap="md">
      <Box style={{ flex: '1 1 320px', minWidth: 0 }}>
        <Group gap="sm">
          <Title order={1} style={{ overflowWrap: 'anywhere' }}>
            <bdi>{title}</bdi>
          </Title>
          {beside}
        </Group>
        {lead && (
          <Text c="dimmed" size="sm" mt={4} component="div">
            {lead}
          </Text>
        )}
      </Box>
      {actions && (
        <Group className="page-toolbar" gap="xs">
          {actions}
        </Group>
      )}
      {toolbar && (
        <Group className="page-toolbar" gap="xs" w="100%">
          {toolbar}
        </Group>
      )}
    </Group>
  )
}
