import { Text } from '@mantine/core'
import type { RunDocument } from '../../../main/contract/index.ts'
import { FaultAlert } from '../../shell/fault-alert.tsx'
import { Notice } from '../../shell/notice.tsx'

const TITLES = {
  failed: 'This run failed',
  interrupted: 'This run was interrupted',
  invalid: 'This run is not valid',
} as const

/** Why a run is less than done, and what of it can still be used. */
export function StatusBanner({ run, measured }: { run: RunDocument['run']; measured: boolean }) {
  const kept = measured
    ? run.status === 'invalid'
      ? `${run.trialsDone} of ${run.trialsTotal} trials were finished; what follows rests on the valid ones alone.`
      : `${run.trialsDone} of ${run.trialsTotal} trials were finished; what follows rests on them alone.`
    : 'No trial was finished, so there is nothing to show but what was asked for.'
  switch (run.status) {
    case 'queued':
    case 'running':
    case 'done':
      return null
    case 'cancelled':
      return (
        <Notice role="region" tone="info" title="This run was cancelled">
          <Text size="sm">{kept}</Text>
        </Notice>
      )
    case 'failed':
    case 'interrupted':
    case 'invalid':
      return (
        <FaultAlert
          title={TITLES[run.status]}
          fault={run.fault ?? { code: 'internal', message: 'No reason was recorded.' }}
        >
          <Text size="sm">{kept}</Text>
        </FaultAlert>
      )
  }
}
