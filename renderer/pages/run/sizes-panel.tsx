import { List } from '@mantine/core'
import { useMemo } from 'react'
import {
  HALF_FRAME_CHUNKS,
  type LaneReport,
  largestZpage,
  medianChunks,
  zpageSizes,
} from '../../../main/contract/index.ts'
import type { Axis } from '../../charts/line.ts'
import { LineChart } from '../../charts/line-chart.tsx'
import { formatBytes, formatCount, formatShare } from '../../format/quantity.ts'
import { laneLook } from '../../lane-colour.ts'
import { useScheme } from '../../shell/colour-scheme-switch.tsx'
import { Panel } from '../../shell/panel.tsx'

const MOST = 63
const CHUNKS: Axis = {
  kind: 'linear',
  title: 'chunks of 64 bytes',
  format: formatCount,
  inTip: (chunks) => `${formatCount(chunks)} chunks: up to ${formatCount(largestZpage(chunks))} B of zpage`,
  min: 0,
  max: 64,
  ticks: [0, 8, 16, 24, 32, 40, 48, 56, 64],
}
const SHARE: Axis = { kind: 'linear', title: 'share of the zpages stored', format: formatShare }
const HALF = [{ x: HALF_FRAME_CHUNKS + 0.5, label: 'half a frame' }]

export const countsChunks = (lanes: readonly LaneReport[]): boolean =>
  lanes.some(({ trials }) => trials.some(({ cumulChunkCounts }) => cumulChunkCounts))

/** How large the zpages were that a zbud of zcache was given: what decides whether two of them share a frame. */
export function SizesPanel({ lanes }: { lanes: readonly LaneReport[] }) {
  const scheme = useScheme()
  const sizes = useMemo(() => zpageSizes(lanes), [lanes])
  const lines = useMemo(
    () =>
      sizes.map(({ label, lane, counts, stored }) => ({
        name: label,
        ...laneLook(lane, scheme),
        points: counts.flatMap((count, chunks) => (chunks === 0 ? [] : [{ x: chunks, y: count / stored }])),
      })),
    [sizes, scheme],
  )
  return (
    <Panel
      title="Sizes of zpages"
      lead="Swap pages stored, by the chunks of 64 bytes that each took of a frame with its handle: zcache's cumul_chunk_counts, all valid trials together, without warm-up."
    >
      <LineChart
        name="Sizes of zpages"
        lines={lines}
        x={CHUNKS}
        y={SHARE}
        rules={HALF}
        height={240}
        empty={sizes.length === 0 ? 'No valid trial stored a page.' : null}
        table={() => ({
          columns: ['Chunks', 'Zpage bytes at most', ...sizes.map(({ label }) => label)],
          rows: Array.from({ length: MOST }, (_, at) => [
            String(at + 1),
            formatCount(largestZpage(at + 1)),
            ...sizes.map(({ counts }) => formatCount(counts[at + 1])),
          ]),
        })}
      />
      <List size="xs" c="dimmed" mt="xs">
        {sizes.map((size) => (
          <List.Item key={size.label}>
            {size.label}: {formatCount(size.stored)} stored, {formatShare(size.halfOrLess)} of them in half a frame or
            less; half of them in at most {medianChunks(size)} chunks ({formatBytes(largestZpage(medianChunks(size)))})
          </List.Item>
        ))}
        <List.Item>
          zbud puts at most two zpages into a frame, of 64 chunks together. Left of the broken line any two fit; right
          of it one needs a smaller for partner, and where there is none it has its frame alone: then the effective
          ratio falls behind the true one.
        </List.Item>
      </List>
    </Panel>
  )
}
