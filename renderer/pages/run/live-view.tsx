import { Box, Group, SimpleGrid, Stack, Text } from '@mantine/core'
import { type ComponentProps, useMemo } from 'react'
import { type ExperimentSpec, laneLabel, type Progress } from '../../../main/contract/index.ts'
import { LaneSwatch } from '../../charts/lane-swatch.tsx'
import { Legend } from '../../charts/legend.tsx'
import type { Axis } from '../../charts/line.ts'
import { LineChart } from '../../charts/line-chart.tsx'
import { ABSENT, formatByteRate, formatCount, formatRate, pagesAsBytes } from '../../format/quantity.ts'
import { laneLook, RARE_TIERS, type Scheme, TIER_TITLES, TIERS, tierLook } from '../../lane-colour.ts'
import { useScheme } from '../../shell/colour-scheme-switch.tsx'
import { FaultAlert } from '../../shell/fault-alert.tsx'
import { Panel } from '../../shell/panel.tsx'
import { ProgressPanel } from '../../shell/progress-panel.tsx'
import { Staged } from '../../shell/staged.tsx'
import { type LivePoint, trialAt, trialSpans, trialText } from './live-samples.ts'
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
      <LiveCharts points={points} spec={spec} />
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
type LiveChart = Omit<ComponentProps<typeof LineChart>, 'x' | 'rules' | 'spans' | 'height' | 'empty'>

/** What has a line. */
type Drawn = Exclude<keyof LivePoint, 'trial' | 'warmup'>

function LiveCharts({ points, spec }: { points: readonly LivePoint[]; spec: ExperimentSpec }) {
  const scheme = useScheme()
  const poolLimit = spec.memory.pool
  const lanes = useMemo(() => spec.lanes.map((lane) => laneLabel(lane)), [spec])
  const line = (key: Drawn) => points.map((point) => ({ x: point.seconds, y: point[key], warmup: point.warmup }))
  const trials = useMemo(() => trialSpans(points), [points])
  const rules = useMemo(() => trials.map(({ from }) => ({ x: from, label: '' })), [trials])
  const spans = useMemo(
    () => trials.map(({ lane, from, to }) => ({ from, to, ...pick(Math.max(0, lanes.indexOf(lane)), scheme) })),
    [trials, lanes, scheme],
  )
  const time = useMemo<Axis>(
    () => ({
      ...TIME,
      inTip: (seconds) => {
        const trial = trialAt(points, seconds)
        return `${seconds.toFixed(1)}\u00a0s${trial ? `, trial ${trialText(trial)}` : ''}`
      },
    }),
    [points],
  )
  const tiers = TIERS.filter((tier) => !RARE_TIERS.includes(tier) || points.some((point) => point[tier] > 0))
  const empty = points.length < 2 ? 'Waiting for the first figures…' : null
  const recent = points.slice(-30)
  const table = (columns: readonly string[], cells: (point: LivePoint) => string[]) => () => ({
    columns: ['Second', 'Trial', ...columns],
    rows: recent.map((point) => [
      point.seconds.toFixed(1),
      point.trial ? trialText(point.trial) : ABSENT,
      ...cells(point),
    ]),
  })
  const traffic = [
    { name: 'Read', key: 'bytesRead', ...pick(0, scheme) },
    { name: 'Written', key: 'bytesWritten', ...pick(1, scheme) },
  ] as const
  const panel = (name: string, title: string, lead: string, chart: LiveChart) => ({
    name,
    height: LIVE_PANEL_HEIGHT,
    content: (
      <Panel title={title} lead={lead}>
        <LineChart {...chart} x={time} rules={rules} spans={spans} height={240} empty={empty} />
      </Panel>
    ),
  })
  return (
    <>
      <Box>
        <Text size="sm" c="dimmed" mb={6}>
          Above each chart the lane whose trial was under way; a broken line: the next one begins. Filling the address
          space and warm-up are grey.
        </Text>
        <Legend entries={lanes.map((name, index) => ({ name, ...pick(index, scheme) }))} />
      </Box>
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
              lines: [{ name: 'Written back', ...pick(3, scheme), points: line('bytesWrittenBack') }],
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
    </>
  )
}

/** A lane's line, without its points. */
function pick(index: number, scheme: Scheme) {
  const { colour, dash } = laneLook(index, scheme)
  return { colour, dash }
}
