import { Box, Button, Group, Text } from '@mantine/core'
import { IconPlugConnectedX } from '@tabler/icons-react'
import { connection, useConnection } from '../lab-client.ts'
import { Notice } from './notice.tsx'

/** Says when the lab cannot be reached, or does not answer. Always in the page, so that a screen reader announces the change. */
export function ConnectionBanner() {
  const state = useConnection()
  return (
    <div role="status" aria-live="polite">
      {state.kind === 'silent' && (
        <Box className="connection-banner">
          <Notice role="none" tone="warn" icon={<IconPlugConnectedX aria-hidden />} title="The lab does not answer">
            <Text size="sm">
              {/* A figure that changes every second is not announced each time. */}
              It has not for <span aria-live="off">{Math.round(state.ms / 1000)} s</span>: it may be stopped, or its
              machine asleep or busy. What is shown may be old, and what is asked waits. This goes away when it answers.
            </Text>
          </Notice>
        </Box>
      )}
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
