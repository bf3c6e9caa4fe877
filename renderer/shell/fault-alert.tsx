import { Button, Code, Group, Stack, Text } from '@mantine/core'
import type { ReactNode } from 'react'
import type { LabFault } from '../../main/contract/index.ts'
import { fieldText } from '../format/field-text.ts'
import { faultFrom } from '../lab/fault.ts'
import { Notice } from './notice.tsx'

interface FaultAlertProps {
  title: string
  fault: LabFault
  onRetry?: () => void
  children?: ReactNode
}

/** A refusal or failure of the lab: what happened, what to do next, and the code that the manual lists. */
export function FaultAlert({ title, fault, onRetry, children }: FaultAlertProps) {
  return (
    <Notice role="alert" tone="bad" title={title}>
      <Stack gap="xs">
        <Text size="sm" style={{ overflowWrap: 'anywhere' }}>
          {fault.message}
        </Text>
        {fault.remedy && <Text size="sm">{fault.remedy}</Text>}
        {children}
        <Group gap="xs" justify="space-between">
          <Text size="xs" c="dimmed">
            <Code>{fault.code}</Code>
            {fault.field && (
              <>
                {' '}
                at <Code>{fieldText(fault.field)}</Code>
              </>
            )}
          </Text>
          {onRetry && (
            <Button size="xs" variant="default" onClick={onRetry}>
              Try again
            </Button>
          )}
        </Group>
      </Stack>
    </Notice>
  )
}

/** The same for an error as a query throws it. */
export function ErrorAlert({ title, error, onRetry }: { title: string; error: unknown; onRetry?: () => void }) {
  return <FaultAlert title={title} fault={faultFrom(error)} onRetry={onRetry} />
}
