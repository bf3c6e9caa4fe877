import { Box, Group, Paper, Text, Title } from '@mantine/core'
import { type ReactNode, useContext, useId } from 'react'
import { RunModeContext } from './run-mode-context.ts'

interface PanelProps {
  title: string
  lead?: ReactNode
  /** Controls at the right of the heading. */
  controls?: ReactNode
  order?: 2 | 3
  children: ReactNode
}

/** One instrument of a page: a region named by its heading. */
export function Panel({ title, lead, controls, order = 2, children }: PanelProps) {
  const id = useId()
  const simulated = useContext(RunModeContext) === 'simulate'
  return (
    <Paper component="section" aria-labelledby={id} withBorder p="md">
      <Group justify="space-between" align="flex-start" mb="sm" gap="sm">
        <Box style={{ flex: '1 1 360px' }}>
          <Title order={order} id={id}>
            {title}
            {simulated && ' (simulated)'}
          </Title>
          {lead && (
            <Text size="sm" c="dimmed" component="div">
              {lead}
            </Text>
          )}
        </Box>
        {controls && <Group gap="xs">{controls}</Group>}
      </Group>
      {children}
    </Paper>
  )
}
