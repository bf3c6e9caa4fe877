import { Box, Button, Group, Text } from '@mantine/core'
import { IconPlugConnectedX } from '@tabler/icons-react'
import { connection, useConnection } from '../lab-client.ts'
import { Notice } from './notice.tsx'

/** Says when the lab cannot be reached. Always in the page, so that a screen reader announces the change. */
export function ConnectionBanner() {
  const state = useConnection()
  return (
    <div role="status" aria-live="polite">
      {state.kind === 'lost' && (
        <Box className="connection-banner">
          <Notice
            role="none"
            tone="warn"
            icon={<IconPlugConnectedX aria-hidden />}
            title={state.refused ? 'The lab does not know this window' : 'Connection lost, reconnecting…'}
          >
            <Group justify="space-between">
              <Text size="sm">
                {state.refused
                  ? 'Open the address with its one-time token that the lab printed when it started.'
                  : `What is shown may be old. A run goes on without this window. Attempt ${state.attempt}.`}
              </Text>
              <Button size="xs" variant="default" onClick={() => connection.retryNow()}>
                Try again now
              </Button>
            </Group>
          </Notice>
        </Box>
      )}
    </div>
  )
}
