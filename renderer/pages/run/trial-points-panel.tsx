import { Anchor, Button, List, NativeSelect, Text } from '@mantine/core'
import { useEffect } from 'react'
import { Link } from 'wouter'
import { type LaneReport, laterBlocks, metricMeaning, type RunDocument } from '../../../main/contract/index.ts'
import { LineChart } from '../../charts/line-chart.tsx'
import { formatCount, formatMetric } from '../../format/quantity.ts'
import { laneLook } from '../../lane-colour.ts'
import { useScheme } from '../../shell/colour-scheme-switch.tsx'
import { Panel } from '../../shell/panel.tsx'
import { usePlace } from '../../shell/use-place.ts'
import { trendHref } from '../trend/place.ts'
import { goTo } from './contents.tsx'

/** What most readers want to see first. */
const FIRST = 'accesses.per_s'

export const SPREAD = 'Spread of the trials'

/** Every trial of a metric in the order of the blocks: drift, slow spells and wild trials are seen, none is dropped. */
export function TrialPointsPanel({ document: { run, lanes } }: { document: RunDocument }) {
  const { collection } = run
  const scheme = useScheme()
  const names = [...new Set(lanes.flatMap(({ metrics }) => Object.keys(metrics)))]
  const [place, choose] = usePlace()
  const metric = names.find((name) => name === place.get('trials')) ?? (names.includes(FIRST) ? FIRST : names[0])
  const alone = lanes.find(({ label }) => label === place.get('lane'))?.label
  // Whoever follows a trend wants to see these trials. What is above is drawn by now.
  const arrives = alone !== undefined
  useEffect(() => {
    if (arrives) goTo(SPREAD)
  }, [arrives])
  if (metric === undefined) return null
  const meaning = metricMeaning(metric)
  const unit = lanes.find(({ metrics }) => metrics[metric])?.metrics[metric].unit ?? 'count'
  const valuesOf = (lane: LaneReport) =>
    lane.trials.flatMap(({ block, order, status, metrics }) =>
      status === 'done' && metrics[metric] !== undefined ? [{ x: block + 1, y: metrics[metric], order }] : [],
    )
  const markOf = (lane: LaneReport, order: number) =>
    lane.outliers.find((entry) => entry.metric === metric && entry.order === order)?.mark
  const marked = lanes.flatMap((lane) =>
    valuesOf(lane).flatMap(({ x, y, order }) => {
      const mark = markOf(lane, order)
      return mark
        ? [
            {
              x,
              y,
              text: `${lane.label}, block ${x} (trial ${order + 1}): ${formatMetric(y, unit)}${mark === 'far' ? ', far' : ''}`,
            },
          ]
        : []
    }),
  )
  const last = Math.max(1, ...lanes.flatMap((lane) => lane.trials.map(({ block }) => block + 1)))
  return (
    <Panel
      title={SPREAD}
      lead="One point for each trial, block by block in the order carried out. The trial is the sample."
      controls={
        <>
          {alone !== undefined && (
            <Button size="xs" variant="default" onClick={() => choose({ lane: null })}>
              Show all lanes
            </Button>
          )}
          {run.status === 'done' && (
            <Anchor
              component={Link}
              size="sm"
              href={trendHref(run.id, { lane: alone ?? firstWith(lanes, metric), metric })}
            >
              Its trend
            </Anchor>
          )}
          <NativeSelect
            size="xs"
            aria-label="Metric of the trials"
            value={metric}
            onChange={({ currentTarget }) => choose({ trials: currentTarget.value })}
            data={names}
          />
        </>
      }
    >
      <LineChart
        key={alone === undefined ? '' : `${alone} ${metric}`}
        alone={alone}
        name={`Trials: ${metric}`}
        lines={[
          ...lanes.map((lane, index) => ({
            name: lane.label,
            ...laneLook(index, scheme),
            marks: true,
            points: valuesOf(lane),
          })),
          ...(marked.length > 0
            ? [
                {
                  name: 'Apart from the others (Tukey)',
                  colour: scheme === 'light' ? '#b42318' : '#ff9b91',
                  dash: [],
                  ring: true,
                  points: marked,
                },
              ]
            : []),
        ]}
        x={{
          kind: 'linear',
          title: 'block',
          format: formatCount,
          inTip: (block) => `block ${formatCount(block)}`,
          whole: true,
          min: 0.5,
          max: last + 0.5,
        }}
        y={{ kind: 'linear', title: metric, format: (value) => formatMetric(value, unit), tight: true }}
        height={240}
        table={() => ({
          columns: ['Lane and block', metric, 'Mark'],
          rows: lanes.flatMap((lane) =>
            valuesOf(lane).map(({ x, y, order }) => [
              `${lane.label}, block ${x}`,
              formatMetric(y, unit),
              markOf(lane, order) ?? '',
            ]),
          ),
        })}
      />
      {meaning && (
        <Text size="xs" c="dimmed" mt="xs">
          {metric}: {meaning}
        </Text>
      )}
      {(marked.length > 0 || (collection && collection.later.length > 0)) && (
        <List size="xs" c="dimmed" mt="xs">
          {marked.map(({ text }) => (
            <List.Item key={text}>{text}</List.Item>
          ))}
          {marked.length > 0 && (
            <List.Item>
              Beyond Tukey's fences of 1.5 (far: 3) interquartile ranges: a question about a trial, which stays in every
              figure.
            </List.Item>
          )}
          {collection && laterBlocks(collection).map((text) => <List.Item key={text}>{text}</List.Item>)}
        </List>
      )}
      {marked.length === 0 && (
        <Text size="xs" c="dimmed" mt="xs">
          No trial lies apart from its lane's others
          {lanes.some((lane) => lane.trials.length < 5) ? ' (fewer than five trials cannot say)' : ''}.
        </Text>
      )}
    </Panel>
  )
}

const firstWith = (lanes: readonly LaneReport[], metric: string): string =>
  (lanes.find(({ metrics }) => metrics[metric]) ?? lanes[0]).label
