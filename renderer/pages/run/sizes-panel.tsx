import { Box, SimpleGrid, Text } from '@mantine/core'
import { useMemo } from 'react'
import type { LaneReport } from '../../../main/contract/index.ts'
import { ChartData } from '../../charts/chart-table.tsx'
import { formatCount, formatShare } from '../../format/quantity.ts'
import { laneLook } from '../../lane-colour.ts'
import { useScheme } from '../../shell/colour-scheme-switch.tsx'
import { Panel } from '../../shell/panel.tsx'
import { LaneHead } from './lane-head.tsx'

const CHUNK_BYTES = 64
const HANDLE_BYTES = 32
/** Two zpages of so many chunks each fill a frame. */
const HALF = 32

export const countsChunks = (lanes: readonly LaneReport[]): boolean =>
  lanes.some(({ trials }) => trials.some(({ cumulChunkCounts }) => cumulChunkCounts))

/** Zpages by the chunks they took, over the trials that count. */
function countsOf({ trials }: LaneReport): number[] | null {
  const counted = trials.flatMap(({ status, cumulChunkCounts }) =>
    status === 'done' && cumulChunkCounts ? [cumulChunkCounts] : [],
  )
  return counted.length === 0 ? null : counted[0].map((_, at) => counted.reduce((sum, counts) => sum + counts[at], 0))
}

const total = (counts: readonly number[]): number => counts.reduce((sum, count) => sum + count, 0)

/** How large the zpages were that a zbud of zcache was given: what decides whether two of them share a frame. */
export function SizesPanel({ lanes }: { lanes: readonly LaneReport[] }) {
  const shown = useMemo(
    () =>
      lanes.flatMap((lane, index) => {
        const counts = countsOf(lane)
        return counts && total(counts) > 0 ? [{ label: lane.label, index, counts, stored: total(counts) }] : []
      }),
    [lanes],
  )
  return (
    <Panel
      title="Sizes of zpages"
      lead="Swap pages stored, by the chunks of 64 bytes that each took of a frame with its handle: zcache's cumul_chunk_counts, all trials together, without warm-up."
    >
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 3 }} spacing="lg" style={{ alignItems: 'end' }}>
        {shown.map(({ label, index, counts, stored }) => (
          <Box component="figure" key={label} m={0} fz="sm">
            <LaneHead index={index} label={label} />
            <SizeBars index={index} counts={counts} />
            <Text component="figcaption" size="xs">
              {formatShare(total(counts.slice(0, HALF + 1)) / stored)} of {formatCount(stored)} took half a frame or
              less
            </Text>
          </Box>
        ))}
      </SimpleGrid>
      <Text size="xs" c="dimmed" mt="xs">
        zbud puts at most two zpages into a frame, of 64 chunks together. Left of the line any two fit; right of it one
        needs a smaller for partner, and where there is none it has its frame alone: then the effective ratio falls
        behind the true one.
      </Text>
      <ChartData
        name="Sizes of zpages"
        table={() => ({
          columns: ['Chunks', 'Zpage bytes at most', ...shown.map(({ label }) => label)],
          rows: Array.from({ length: 63 }, (_, at) => [
            String(at + 1),
            formatCount((at + 1) * CHUNK_BYTES - HANDLE_BYTES),
            ...shown.map(({ counts }) => formatCount(counts[at + 1])),
          ]),
        })}
      />
    </Panel>
  )
}

const BAR = 4
const HEIGHT = 96

/** One bar for each number of chunks. Decorative: caption and table have the figures. */
function SizeBars({ index, counts }: { index: number; counts: readonly number[] }) {
  const { colour } = laneLook(index, useScheme())
  const width = counts.length * BAR
  const most = Math.max(...counts)
  const bars = counts.map((count, chunks) => {
    const tall = (count / most) * (HEIGHT - 2)
    return `M${chunks * BAR} ${HEIGHT}v${-tall}h${BAR - 1}v${tall}Z`
  })
  return (
    <>
      <svg
        viewBox={`0 0 ${width} ${HEIGHT}`}
        preserveAspectRatio="none"
        width="100%"
        height={HEIGHT}
        aria-hidden="true"
        style={{ display: 'block' }}
      >
        <path d={bars.join('')} fill={colour} />
        <line
          x1={(HALF + 1) * BAR - 0.5}
          x2={(HALF + 1) * BAR - 0.5}
          y1={0}
          y2={HEIGHT}
          stroke="var(--mantine-color-dimmed)"
          strokeDasharray="3 3"
          vectorEffect="non-scaling-stroke"
        />
        <line x1={0} x2={width} y1={HEIGHT} y2={HEIGHT} stroke="var(--swaplab-line)" strokeWidth={2} />
      </svg>
      <Box style={{ display: 'flex', justifyContent: 'space-between' }} fz="xs" c="dimmed" aria-hidden>
        <span>1</span>
        <span>32 chunks</span>
        <span>63</span>
      </Box>
    </>
  )
}
