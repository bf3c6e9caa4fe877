import { Stack, Text } from '@mantine/core'
import { memo, useMemo } from 'react'
import { type SweepDocument, sweepRows } from '../../../main/contract/index.ts'
import { Notice } from '../../shell/notice.tsx'
import { usePlace } from '../../shell/use-place.ts'
import { AxisChart } from './axis-chart.tsx'
import { BestPanel } from './best-panel.tsx'
import { metricAt } from './place.ts'
import { PointsPanel } from './points-panel.tsx'
import { laneNames } from './reading.ts'

/** What there is of a sweep: one metric along an axis, and every point. Drawn again only when there are more points. */
export const Results = memo(function Results({ document, underWay }: { document: SweepDocument; underWay: boolean }) {
  const rows = useMemo(() => sweepRows(document), [document])
  const lanes = useMemo(() => laneNames(document), [document])
  const [place, choose] = usePlace()
  const metric = metricAt(place, document.metrics)
  if (document.points.length === 0)
    return underWay ? (
      <Text size="sm" c="dimmed" ta="center" py={48}>
        Waiting for the first points…
      </Text>
    ) : null
  return (
    <Stack gap="lg">
      {rows.length === 0 && (
        <Notice role="region" tone="warn" title={underWay ? 'No point was possible so far' : 'No point was possible'}>
          <Text size="sm">The reasons stand beside the points; another specification or other values may do.</Text>
        </Notice>
      )}
      {metric !== undefined && rows.length > 0 && (
        <>
          <BestPanel {...{ document, rows, metric, underWay }} />
          <AxisChart {...{ document, rows, lanes, metric, place, choose }} />
        </>
      )}
      <PointsPanel {...{ document, rows, lanes, place, choose }} metric={metric ?? ''} />
    </Stack>
  )
})
