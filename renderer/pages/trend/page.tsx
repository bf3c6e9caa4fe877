import { Anchor, Group, List, NativeSelect, Skeleton, Stack, Table, Text } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import { metricMeaning, type Trend } from '../../../main/contract/index.ts'
import { LineChart } from '../../charts/line-chart.tsx'
import { formatCount, formatMetric, formatShare, formatShift, formatWhen } from '../../format/quantity.ts'
import { queries } from '../../lab-client.ts'
import { laneLook } from '../../lane-colour.ts'
import { useScheme } from '../../shell/colour-scheme-switch.tsx'
import { ErrorAlert } from '../../shell/fault-alert.tsx'
import { ColumnHead, FigureTable } from '../../shell/figure-table.tsx'
import { navigate } from '../../shell/hash-location.ts'
import { PageHeader } from '../../shell/page-header.tsx'
import { Panel } from '../../shell/panel.tsx'
import { RunModeBadge } from '../../shell/run-mode.tsx'
import { RunModeContext } from '../../shell/run-mode-context.ts'
import { usePlace } from '../../shell/use-place.ts'
import { followable, trialsHref } from './place.ts'

/** One metric over all runs of an experiment on a host: has it changed, and when? */
export default function TrendPage() {
  const [place, choose] = usePlace()
  const id = place.get('run') ?? ''
  const lane = place.get('lane') ?? undefined
  const metric = place.get('metric') ?? undefined
  const trend = useQuery(
    queries.runs.trend.queryOptions({
      input: { id, lane, metric },
      enabled: id !== '',
      placeholderData: keepPreviousData,
    }),
  )
  const { data } = trend
  // Where there is no trend of it, lanes and metrics are still to be chosen.
  const run = useQuery(queries.runs.get.queryOptions({ input: { id }, enabled: id !== '' && trend.error !== null }))
  return (
    <>
      <PageHeader
        title={data ? `Trend of ${data.name}` : 'Trend'}
        beside={data && <RunModeBadge mode={data.mode} />}
        lead={data ? leadOf(data, id) : 'One metric over all runs of an experiment on a host, with the steps in it.'}
      />
      {id === '' ? (
        <Text c="dimmed">
          Choose a run in the{' '}
          <Anchor component={Link} href="/history" underline="always">
            history
          </Anchor>{' '}
          and follow its trend.
        </Text>
      ) : trend.error ? (
        <Stack gap="lg">
          <ErrorAlert title="The trend could not be drawn" error={trend.error} onRetry={() => trend.refetch()} />
          {run.data && (
            <Group gap="xs">
              <FollowedSelects
                {...followable(run.data, lane)}
                metric={metric ?? ''}
                onFollow={(next) => choose({ ...next })}
              />
            </Group>
          )}
        </Stack>
      ) : !data ? (
        <Skeleton h={520} />
      ) : (
        <RunModeContext value={data.mode}>
          <Stack gap="lg">
            <TrendPanel trend={data} onFollow={(next) => choose({ ...next })} />
            <StepsPanel trend={data} />
          </Stack>
        </RunModeContext>
      )}
    </>
  )
}

function leadOf({ runs, hostname, points }: Trend, id: string) {
  const from = points.find(({ run }) => run === id)
  return (
    <>
      {formatCount(runs)} finished run{runs === 1 ? '' : 's'} of this experiment on {hostname}, followed from{' '}
      <Anchor component={Link} inherit underline="always" href={`/runs/${encodeURIComponent(id)}`}>
        {from ? `the run of ${formatWhen(from.startedAt)}` : 'a run'}
      </Anchor>
      .
    </>
  )
}

/** Points of an interval's end: the same places as the medians. */
const bounds = (points: Trend['points'], side: 'low' | 'high') =>
  points.flatMap((point, index) => (point[side] === null ? [] : [{ x: index + 1, y: point[side] }]))

interface FollowedSelectsProps extends Pick<Trend, 'lanes' | 'lane' | 'metrics' | 'metric'> {
  onFollow: (followed: Pick<Trend, 'lane' | 'metric'>) => void
}

function FollowedSelects({ lanes, lane, metrics, metric, onFollow }: FollowedSelectsProps) {
  return (
    <>
      <NativeSelect
        size="xs"
        aria-label="Lane"
        value={lane}
        data={lanes.includes(lane) ? lanes : [lane, ...lanes]}
        onChange={({ currentTarget }) => onFollow({ lane: currentTarget.value, metric })}
      />
      <NativeSelect
        size="xs"
        aria-label="Metric"
        value={metric}
        data={metrics.includes(metric) ? metrics : [metric, ...metrics]}
        onChange={({ currentTarget }) => onFollow({ lane, metric: currentTarget.value })}
      />
    </>
  )
}

function TrendPanel({ trend, onFollow }: { trend: Trend } & Pick<FollowedSelectsProps, 'onFollow'>) {
  const scheme = useScheme()
  const { points, steps, unit, better, lanes, lane, metric, metrics } = trend
  const { colour } = laneLook(Math.max(0, lanes.indexOf(lane)), scheme)
  const starts = [0, ...steps.map(({ index }) => index), points.length]
  const levels = starts.slice(1).flatMap((end, at) => {
    const level = at === 0 ? steps[0]?.before : steps[at - 1].after
    return level === undefined
      ? []
      : [
          { x: starts[at] + 1, y: level },
          { x: end, y: level },
        ]
  })
  const when = (place: number) => (points[place - 1] ? formatWhen(points[place - 1].startedAt) : '')
  const baseline = points.findIndex(({ run }) => run === trend.baseline)
  return (
    <Panel
      title={`${metric} of ${lane}`}
      lead={`Median of each run with its 95 % interval, oldest first; ${better} is better. ${metricMeaning(metric) ?? ''} A broken vertical line: conditions changed there. A click on a point opens its run, at the trials of this lane.`}
      controls={<FollowedSelects {...{ lanes, lane, metrics, metric, onFollow }} />}
    >
      <LineChart
        name={`${metric} over the runs`}
        lines={[
          {
            name: 'Median',
            colour,
            dash: [],
            marks: points.length <= 100,
            points: points.map(({ median }, index) => ({ x: index + 1, y: median })),
          },
          {
            name: '95 % interval',
            colour: `${colour}44`,
            dash: [],
            points: bounds(points, 'low'),
            to: bounds(points, 'high'),
          },
          ...(levels.length > 0
            ? [
                {
                  name: 'Level between steps',
                  colour: scheme === 'light' ? '#b42318' : '#ff9b91',
                  dash: [],
                  points: levels,
                },
              ]
            : []),
          ...(baseline >= 0
            ? [
                {
                  name: 'Baseline',
                  colour: scheme === 'light' ? '#0b6b3a' : '#6fd39b',
                  dash: [],
                  ring: true,
                  points: [{ x: baseline + 1, y: points[baseline].median }],
                },
              ]
            : []),
        ]}
        x={{
          kind: 'linear',
          title: 'run, oldest first',
          format: (place) => when(place).replace(', ', '\n'),
          inTip: when,
          whole: true,
          min: 0.5,
          max: points.length + 0.5,
        }}
        y={{ kind: 'linear', title: metric, format: (value) => formatMetric(value, unit), tight: true }}
        rules={points.flatMap(({ changed }, index) =>
          changed.length === 0 ? [] : [{ x: index + 0.5, label: changed.join(', ') }],
        )}
        height={320}
        onOpen={(place) => points[place - 1] && navigate(trialsHref(points[place - 1].run, trend))}
        table={() => ({
          columns: ['Run', 'Started', 'Median', 'Low', 'High', 'Trials', 'Changed before it'],
          rows: points
            .slice(-MOST_ROWS)
            .toReversed()
            .map(({ run, startedAt, median, low, high, n, changed }) => [
              run,
              formatWhen(startedAt),
              formatMetric(median, unit),
              low === null ? '–' : formatMetric(low, unit),
              high === null ? '–' : formatMetric(high, unit),
              String(n),
              changed.join(', ') || '–',
            ]),
        })}
      />
    </Panel>
  )
}

/** Rows of the data table: the newest; the command line and its JSON have all. */
const MOST_ROWS = 200

function StepsPanel({ trend }: { trend: Trend }) {
  const { steps, points, smallest, reason, unit } = trend
  return (
    <Panel
      title="Steps"
      lead="A step needs six runs on each side, 1 %, and 2.5 standard deviations: a single wild run never makes one."
    >
      {steps.length > 0 && (
        <FigureTable caption="Steps, oldest first" cards verticalSpacing={6}>
          <Table.Thead>
            <Table.Tr>
              <ColumnHead>First run of the new level</ColumnHead>
              <ColumnHead numeric>Before</ColumnHead>
              <ColumnHead numeric>After</ColumnHead>
              <ColumnHead numeric>Step</ColumnHead>
              <ColumnHead>Changed with it</ColumnHead>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {steps.map(({ index, before, after, shift, changed }) => (
              <Table.Tr key={index}>
                <Table.Th scope="row" fw={400}>
                  <Anchor component={Link} size="sm" href={trialsHref(points[index].run, trend)}>
                    {formatWhen(points[index].startedAt)}
                  </Anchor>
                </Table.Th>
                <Table.Td className="numeric" data-title="Before">
                  {formatMetric(before, unit)}
                </Table.Td>
                <Table.Td className="numeric" data-title="After">
                  {formatMetric(after, unit)}
                </Table.Td>
                <Table.Td className="numeric" data-title="Step">
                  {formatShift(shift)}
                </Table.Td>
                <Table.Td className="words" data-title="Changed with it">
                  {changed.join(', ') || 'nothing that the history knows'}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </FigureTable>
      )}
      <List size="sm" mt={steps.length > 0 ? 'sm' : 0}>
        <List.Item>{reason}</List.Item>
        {smallest !== null && (
          <List.Item>
            A step of {formatShare(smallest)} is found about every second time, one 1.6 times as large in 96 of 100.
          </List.Item>
        )}
      </List>
    </Panel>
  )
}
