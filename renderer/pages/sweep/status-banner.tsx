import { Text } from '@mantine/core'
import type { SweepSummary } from '../../../main/contract/index.ts'
import { formatCount } from '../../format/quantity.ts'
import { FaultAlert } from '../../shell/fault-alert.tsx'
import { Notice } from '../../shell/notice.tsx'

/** Why a sweep is less than done, and what there is of it. */
export function StatusBanner({ sweep: { status, fault, done, points } }: { sweep: SweepSummary }) {
  const kept = (
    <Text size="sm">
      {done === 0
        ? 'No point was simulated, so there is nothing to show.'
        : `${formatCount(done)} of ${formatCount(points)} points were simulated; what follows rests on them alone.`}
    </Text>
  )
  if (status === 'failed' || (status === 'interrupted' && fault))
    return (
      <FaultAlert
        title={status === 'failed' ? 'This sweep failed' : 'This sweep was interrupted'}
        fault={fault ?? { code: 'internal', message: 'No reason was recorded.' }}
      >
        {kept}
      </FaultAlert>
    )
  if (status === 'cancelled' || status === 'interrupted')
    return (
      <Notice role="region" tone="info" title={`This sweep was ${status}`}>
        {kept}
      </Notice>
    )
  return null
}
