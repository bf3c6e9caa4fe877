import { Group, SimpleGrid, Stack, Text } from '@mantine/core'
import type { ComponentProps } from 'react'
import { type ExperimentSpec, laneLabel, type Progress } from '../../../main/contract/index.ts'
import { LaneSwatch } from '../../charts/lane-swatch.tsx'
import { type Axis, LineChart } from '../../charts/line-chart.tsx'
import { ABSENT, formatByteRate, formatCount, formatRate, pagesAsBytes } from '../../format/quantity.ts'
import { laneLook, RARE_TIERS, TIER_TITLES, TIERS, tierLook } from '../../lane-colour.ts'
import { useScheme } from '../../shell/colour-scheme-switch.tsx'
import { FaultAlert } from '../../shell/fault-alert.tsx'
import { Panel } from '../../shell/panel.tsx'
import { ProgressPanel } from '../../shell/progress-panel.tsx'
import { Staged } from '../../shell/staged.tsx'
import type { LivePoint } from './live-samples.ts'
import { useLive } from './use-live.ts'

const PHASES = {
  queued: 'Waiting for its turn',
  permission: 'Waiting for your permission',
  prepare: 'Preparing',
  populate: 'Filling the address space',
  warmup: 'Warming up',
  measure: 'Measuring',
  drain: 'Draining writebacks',
  verify: 'Verifying every page',
  save: 'Saving',
  ended: 'Ended',
} as const satisfies Record<Progress['phase'], string>

/** Heading, legend, chart and the line below it, px. */
const LIVE_PANEL_HEIGHT = 381

/** Whole seconds only: between them, early in a run, ticks would repeat. */
const TIME: Axis = {
  kind: 'linear',
  title: 'seconds since the start',
  format: formatCount,
  inTip: (seconds) => `${seconds.toFixed(1)}\u00a0s`,
  whole: true,
  min: 0,
}
const FAULTS: Axis = { kind: 'linear', title: 'faults per second', format: formatRate }
const FRAMES: Axis = {
  kind: 'linear',
  title: 'frames',
  format: formatCount,
  inTip: (frames) => `${formatCount(frames)} frames (${pagesAsBytes(frames)})`,
}
const BYTES: Axis = { kind: 'linear', title: 'bytes per second', format: formatByteRate, binary: true }

/** A run under way: what happens now, how long it will take, and what the engine does, once a second. */
export function LiveView({ id, spec }: { id: string; spec: ExperimentSpec }) {
  const { progress, points, fault } = useLive(id)
  return (
    <Stack gap="lg">
      {fault && <FaultAlert title="The run cannot be watched" fault={fault} />}
      <Now progress={progress} spec={spec} />
      <LiveCharts points={points} poolLimit={spec.memory.pool} />
    </Stack>
  )
}

function Now({ progress, spec }: { progress: Progress | null; spec: ExperimentSpec }) {
  const lane = spec.lanes.findIndex((entry) => laneLabel(entry) === progress?.lane)
  const underWay =
    lane < 0 ? (
      ABSENT
    ) : (
      <Group gap={6} wrap="nowrap">
        <LaneSwatch index={lane} />
        <Text size="sm" fw={500} truncate title={progress?.lane ?? undefined}>
          {progress?.lane}
        </Text>
      </Group>
    )
  return (
    <ProgressPanel
      of="run"
      phase={progress ? PHASES[progress.phase] : 'Connecting'}
      fraction={progress?.fraction ?? 0}
      facts={[
        ['Lane', underWay],
        ['Finished', progress ? `${progress.trial.index} of ${progress.trial.total} trials` : ABSENT],
      ]}
      elapsedMs={progress?.elapsedMs ?? null}
      etaMs={progress?.etaMs ?? null}
    >
      {progress?.silence !== undefined && (
        <Text size="sm" c="var(--mantine-color-error)" mt="sm" role="status" style={{ overflowWrap: 'anywhere' }}>
          There is {progress.silence}.
        </Text>
      )}
      <Text size="sm" c="dimmed" mt="sm" mih="1.5em" truncate title={progress?.message}>
        {/* The lane stands above. */}
        {progress?.message.replace(`${progress.lane}: `, '') ?? ''}
      </Text>
      {spec.adaptive.limit > 0 && (
        <Text size="sm" mt={4} mih="1.5em">
          {progress?.decision ??
            `Adaptive: after the planned trials, blocks are added until the verdicts stand, at most ${spec.adaptive.limit} trials a lane.`}
        </Text>
      )}
    </ProgressPanel>
  )
}

/** What tells one live chart from another. */
type LiveChart = Omit<ComponentProps<typeof LineChart>, 'x' | 'height' | 'empty'>

function LiveCharts({ points, poolLimit }: { points: readonly LivePoint[]; poolLimit: number }) {
  const scheme = useScheme()
  const line = (key: keyof LivePoint) => points.map((point) => ({ x: point.seconds, y: point[key] }))
  const tiers = TIERS.filter((tier) => !RARE_TIERS.includes(tier) || points.some((point) => point[tier] > 0))
  const empty = points.length < 2 ? 'Waiting for the first figures…' : null
  const recent = points.slice(-30)
  const table = (columns: readonly string[], cells: (point: LivePoint) => string[]) => () => ({
    columns: ['Second', ...columns],
    rows: recent.map((point) => [point.seconds.toFixed(1), ...cells(point)]),
  })
  const pick = (index: number) => {
    const { colour, dash } = laneLook(index, scheme)
    return { colour, dash }
  }
  const traffic = [
    { name: 'Read', key: 'bytesRead', ...pick(0) },
    { name: 'Written', key: 'bytesWritten', ...pick(1) },
  ] as const
  const panel = (name: string, title: string, lead: string, chart: LiveChart) => ({
    name,
    height: LIVE_PANEL_HEIGHT,
    content: (
      <Panel title={title} lead={lead}>
        <LineChart {...chart} x={TIME} height={240} empty={empty} />
      </Panel>
    ),
  })
  return (
    <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
      <Staged
        stages={[
          panel('faults', 'Faults by tier', 'Where faults are served, per second', {
            name: 'Faults by tier per second',
            lines: tiers.map((tier) => ({ name: TIER_TITLES[tier], ...tierLook(tier, scheme), points: line(tier) })),
            y: FAULTS,
            table: table(
              tiers.map((tier) => TIER_TITLES[tier]),
              (point) => tiers.map((tier) => formatRate(point[tier])),
            ),
          }),
          panel(
            'pool',
            'Pool occupancy',
            `Frames that hold zpages; limit ${formatCount(poolLimit)} (${pagesAsBytes(poolLimit)})`,
            {
              name: 'Pool occupancy in frames',
              lines: [{ name: 'Pool', ...tierLook('pool', scheme), points: line('poolFrames') }],
              // A zram without mem_limit, and a hypervisor with the guest's pages, go past the limit.
              y: { ...FRAMES, max: Math.max(poolLimit, ...points.map(({ poolFrames }) => poolFrames)), min: 0 },
              table: table(['Frames'], (point) => [formatCount(point.poolFrames)]),
            },
          ),
          panel('writeback', 'Writeback', 'Pages moved from the pool to the swap file', {
            name: 'Writeback in bytes per second',
            lines: [{ name: 'Written back', ...pick(3), points: line('bytesWrittenBack') }],
            y: BYTES,
            table: table(['Written back'], (point) => [formatByteRate(point.bytesWrittenBack)]),
          }),
          panel('disk', 'Disk traffic', 'To and from the swap file, writeback included', {
            name: 'Disk traffic in bytes per second',
            lines: traffic.map((entry) => ({ ...entry, points: line(entry.key) })),
            y: BYTES,
            table: table(
              traffic.map(({ name }) => name),
              (point) => traffic.map(({ key }) => formatByteRate(point[key])),
            ),
          }),
        ]}
      />
    </SimpleGrid>
  )
}
