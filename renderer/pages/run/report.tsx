import { List, SimpleGrid, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import type { RunDocument } from '../../../main/contract/index.ts'
import { wholeFigures } from '../../format/quantity.ts'
import { queries } from '../../lab-client.ts'
import { ErrorAlert } from '../../shell/fault-alert.tsx'
import { Notice } from '../../shell/notice.tsx'
import { type Stage, Staged } from '../../shell/staged.tsx'
import { BaselinePanel } from './baseline-panel.tsx'
import { Contents } from './contents.tsx'
import { CountersPanel } from './counters-panel.tsx'
import { FactsPanel } from './facts-panel.tsx'
import { FaultTimePanel } from './fault-time-panel.tsx'
import { KeyFiguresPanel } from './key-figures-panel.tsx'
import { LanesPanel } from './lanes-panel.tsx'
import { LatencyPanel } from './latency-panel.tsx'
import { MetricsPanel } from './metrics-panel.tsx'
import { NotesPanel } from './notes-panel.tsx'
import { SeriesPanel } from './series-panel.tsx'
import { countsChunks, SizesPanel } from './sizes-panel.tsx'
import { SpecPanel } from './spec-panel.tsx'
import { StatusBanner } from './status-banner.tsx'
import { SPREAD, TrialPointsPanel } from './trial-points-panel.tsx'
import { TrialsPanel, tellsOfTrials } from './trials-panel.tsx'
import { TwinPanel } from './twin-panel.tsx'
import { Verdicts } from './verdicts.tsx'

/** A run's report: the answer first, then what it rests on. */
export function Report({ document }: { document: RunDocument }) {
  const { run, lanes } = document
  const measured = lanes.some((lane) => lane.trials.length > 0)
  const charts = useQuery(
    queries.runs.charts.queryOptions({
      input: { id: run.id },
      enabled: measured,
      staleTime: Number.POSITIVE_INFINITY,
    }),
  )
  const { data } = charts
  const figures: readonly Stage[] = [
    {
      name: 'Model and kernel',
      height: 520,
      content: document.twin.length > 0 ? <TwinPanel twins={document.twin} /> : false,
    },
    {
      name: 'Latency',
      height: 640,
      content: charts.isPending ? null : <LatencyPanel lanes={lanes} charts={data} observer={document.observer} />,
    },
    { name: 'Throughput and cost', height: 600, content: <MetricsPanel lanes={lanes} observer={document.observer} /> },
    { name: 'Where fault time goes', height: 290, content: data ? <FaultTimePanel charts={data} /> : false },
    { name: 'Sizes of zpages', height: 430, content: countsChunks(lanes) ? <SizesPanel lanes={lanes} /> : false },
    { name: 'Over time', height: 430, content: <SeriesPanel document={document} /> },
    { name: SPREAD, height: 400, content: <TrialPointsPanel document={document} /> },
    { name: 'Trials', height: 430, content: tellsOfTrials(lanes) ? <TrialsPanel lanes={lanes} /> : false },
    {
      name: 'Lanes block by block',
      height: 760,
      content: lanes.filter(({ trials }) => trials.length > 0).length > 1 ? <LanesPanel document={document} /> : false,
    },
    { name: 'Counters', height: 560, content: <CountersPanel lanes={lanes} /> },
  ]
  return (
    <Stack gap="lg">
      <StatusBanner run={run} measured={measured} />
      <Verdicts document={document} />
      {measured && <KeyFiguresPanel lanes={lanes} answered={document.verdicts.length > 0} />}
      <BaselinePanel run={run} />
      {measured && run.warnings.length > 0 && (
        <Notice role="region" tone="warn" title="Read with care">
          <List size="sm" spacing={2}>
            {run.warnings.map((warning) => (
              <List.Item key={warning}>{wholeFigures(warning)}</List.Item>
            ))}
          </List>
        </Notice>
      )}
      {charts.error && (
        <ErrorAlert title="The charts could not be loaded" error={charts.error} onRetry={() => charts.refetch()} />
      )}
      {measured && (
        <Contents
          parts={[...figures.flatMap(({ name, content }) => (content === false ? [] : [name])), 'Measured on']}
        />
      )}
      <Staged
        stages={[
          ...(measured ? figures : []),
          {
            name: 'Measured on',
            height: 900,
            content: (
              <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="lg">
                <FactsPanel document={document} />
                <Stack gap="lg">
                  <NotesPanel run={run} />
                  <SpecPanel spec={document.spec} />
                </Stack>
              </SimpleGrid>
            ),
          },
        ]}
      />
    </Stack>
  )
}
