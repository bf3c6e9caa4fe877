import { Button, Group, NativeSelect, Text } from '@mantine/core'
import { useClipboard, useMediaQuery } from '@mantine/hooks'
import { IconCheck, IconCopy, IconDownload } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { distinctRows, type SweepDocument, type SweepRow } from '../../../main/contract/index.ts'
import { formatCount } from '../../format/quantity.ts'
import { download } from '../../lab/download.ts'
import { Panel } from '../../shell/panel.tsx'
import { csvOf } from './csv.ts'
import { MeasureBest } from './measure-best.tsx'
import { laneAt, orderAt, sortName } from './place.ts'
import { PointsList } from './points-list.tsx'
import { PointsTable } from './points-table.tsx'
import { bestOfLanes, type Order, ordered, type ShownPoints } from './reading.ts'

/** Mantine's `sm`: below it a list, in which nothing is scrolled sideways. */
const ROOM_FOR_COLUMNS = '(min-width: 48em)'
/** Rows drawn at once. */
const PAGE_ROWS = 100

interface PointsPanelProps {
  document: SweepDocument
  rows: readonly SweepRow[]
  lanes: readonly string[]
  metric: string
  place: URLSearchParams
  choose: (choices: Record<string, string | null>) => void
}

/** Every lane of every point, the best first; what was not possible comes last, with its reason. */
export function PointsPanel({ document, rows, lanes, metric, place, choose }: PointsPanelProps) {
  const { sweep, metrics, points } = document
  const wide = useMediaQuery(ROOM_FOR_COLUMNS, true, { getInitialValueInEffect: false })
  const sort = place.get('sort')
  const order = useMemo(
    () => orderAt(new URLSearchParams(sort === null ? '' : { sort }), { axes: sweep.axes, metrics, metric }),
    [sort, sweep.axes, metrics, metric],
  )
  const lane = laneAt(place, lanes)
  const [most, setMost] = useState(PAGE_ROWS)
  const clipboard = useClipboard()
  const failed = useMemo(() => points.filter(({ fault }) => fault !== null), [points])
  const told = useMemo(() => distinctRows(rows, sweep.axes), [rows, sweep.axes])
  const chosen = useMemo(() => inOrder(told, lane, order), [told, lane, order])
  const best = useMemo(() => bestOfLanes(told, metric, metrics[metric]?.better), [told, metric, metrics])
  const total = chosen.length + failed.length
  const shown: ShownPoints = {
    document,
    rows: chosen.slice(0, most),
    failed: failed.slice(0, Math.max(0, most - chosen.length)),
    best,
    metric,
  }
  // A program that reads it wants every point.
  const csv = () => csvOf(document, inOrder(rows, lane, order), failed)
  return (
    <Panel
      title="Points"
      lead={
        rows.length === 0
          ? 'None has a figure.'
          : `Best ${metric} first${wide ? ', or by the column whose head is clicked' : ''}. "Measure it" puts the point into New run, "Measure the best" its best lanes as one experiment.`
      }
      controls={
        <>
          {lanes.length > 1 && rows.length > 0 && (
            <NativeSelect
              size="xs"
              aria-label="Lanes shown"
              value={lane === null ? '' : String(lane + 1)}
              data={[
                { value: '', label: 'All lanes' },
                ...lanes.map((label, index) => ({ value: String(index + 1), label })),
              ]}
              onChange={({ currentTarget }) => choose({ lane: currentTarget.value })}
            />
          )}
          {metric !== '' && rows.length > 0 && <MeasureBest document={document} metric={metric} />}
          <Button
            size="xs"
            variant="default"
            leftSection={clipboard.copied ? <IconCheck size={14} aria-hidden /> : <IconCopy size={14} aria-hidden />}
            onClick={() => clipboard.copy(csv())}
          >
            {clipboard.copied ? 'Copied' : 'Copy CSV'}
          </Button>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconDownload size={14} aria-hidden />}
            onClick={() => download({ filename: `sweep-${sweep.id}.csv`, mime: 'text/csv', text: csv() })}
          >
            Export CSV
          </Button>
        </>
      }
    >
      {wide ? (
        <PointsTable {...shown} order={order} onOrder={(next) => choose({ sort: sortName(next, sweep.axes) })} />
      ) : (
        <PointsList {...shown} />
      )}
      <Group justify="space-between" mt="xs" mih={26}>
        <Text size="xs" c="dimmed" role="status">
          {formatCount(Math.min(most, total))} of {formatCount(total)} rows
          {failed.length > 0 &&
            `; ${formatCount(failed.length)} point${failed.length === 1 ? ' was' : 's were'} not possible`}
        </Text>
        {most < total && (
          <Button size="compact-sm" variant="subtle" onClick={() => setMost(most + PAGE_ROWS)}>
            Show more
          </Button>
        )}
      </Group>
    </Panel>
  )
}

/** @param lane null for all */
const inOrder = (rows: readonly SweepRow[], lane: number | null, order: Order): SweepRow[] =>
  ordered(
    rows.filter((row) => lane === null || row.lane === lane),
    order,
  )
