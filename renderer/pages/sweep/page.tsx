import { Button, Skeleton, Stack } from '@mantine/core'
import { IconEdit, IconTrash } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { RecordedSpec, type SweepAxis, type SweepState, type SweepSummary } from '../../../main/contract/index.ts'
import { formatCount, formatDuration, formatWhen } from '../../format/quantity.ts'
import { axisText } from '../../format/sweep-axis.ts'
import { pointsText } from '../../format/sweep-points.ts'
import { queries } from '../../lab-client.ts'
import { CancelButton } from '../../shell/cancel-button.tsx'
import { deleteSweep } from '../../shell/delete-kept.ts'
import { ErrorAlert } from '../../shell/fault-alert.tsx'
import { navigate } from '../../shell/hash-location.ts'
import { NotLoaded } from '../../shell/not-loaded.tsx'
import { PageHeader } from '../../shell/page-header.tsx'
import { PageSkeleton } from '../../shell/page-skeleton.tsx'
import { ProgressPanel } from '../../shell/progress-panel.tsx'
import { RunModeBadge } from '../../shell/run-mode.tsx'
import { RunModeContext } from '../../shell/run-mode-context.ts'
import { isUnderWay, RunStatusBadge } from '../../shell/run-status.tsx'
import { loadDraft } from '../../spec-form/load-draft.ts'
import { isRecord } from '../../spec-form/values.ts'
import { replaceRows } from '../new-sweep/sweep-draft.ts'
import { Results } from './results.tsx'
import { StatusBanner } from './status-banner.tsx'
import { useSweepDocument } from './use-sweep-document.ts'

const STATE_EVERY_MS = 1_000

/** One sweep, at the same address while it grows and afterwards. */
export default function SweepPage({ id }: { id: string }) {
  const state = useQuery(
    queries.sweeps.state.queryOptions({
      input: { id },
      refetchInterval: ({ state: { data } }) => (data && isUnderWay(data) ? STATE_EVERY_MS : false),
    }),
  )
  if (state.error && !state.data) return <NotLoaded of="sweep" error={state.error} onRetry={() => state.refetch()} />
  if (!state.data) return <PageSkeleton />
  return <Sweep sweep={state.data} />
}

function Sweep({ sweep }: { sweep: SweepState }) {
  const document = useSweepDocument(sweep)
  const underWay = isUnderWay(sweep)
  return (
    <>
      <PageHeader
        title={sweep.name}
        beside={
          <>
            <RunStatusBadge status={sweep.status} />
            <RunModeBadge mode="simulate" />
          </>
        }
        lead={
          <>
            {formatWhen(sweep.startedAt)} ·{' '}
            {sweep.endedAt === null
              ? 'under way'
              : formatDuration(Date.parse(sweep.endedAt) - Date.parse(sweep.startedAt))}
            {!underWay && ` · ${pointsText(sweep)}`}
            {sweep.axes.map((axis) => (
              <div key={axis.field} style={{ overflowWrap: 'anywhere' }}>
                {axisText(axis)}
              </div>
            ))}
          </>
        }
        toolbar={
          <>
            {underWay && <CancelButton of="sweep" id={sweep.id} />}
            <EditButton spec={document.data?.spec} axes={sweep.axes} />
            {!underWay && <DeleteButton sweep={sweep} />}
          </>
        }
      />
      <div className="unseen" role="status">
        {underWay ? '' : `Sweep ${sweep.status}. ${pointsText(sweep)}.`}
      </div>
      <RunModeContext value="simulate">
        <Stack gap="lg" mih="85vh">
          {underWay ? (
            <ProgressPanel
              of="sweep"
              phase={sweep.status === 'queued' ? `Waiting for ${sweep.waitingFor ?? 'its turn'}` : 'Simulating'}
              fraction={sweep.done / sweep.points}
              facts={[['Points', `${formatCount(sweep.done)} of ${formatCount(sweep.points)}`]]}
              elapsedMs={sweep.elapsedMs}
              etaMs={sweep.etaMs}
            />
          ) : (
            <StatusBanner sweep={sweep} />
          )}
          {document.error && !document.data && (
            <ErrorAlert
              title="The points could not be loaded"
              error={document.error}
              onRetry={() => document.refetch()}
            />
          )}
          {document.data ? (
            <Results document={document.data} underWay={underWay} />
          ) : (
            !document.error && <Skeleton h={420} />
          )}
        </Stack>
      </RunModeContext>
    </>
  )
}

/** The same with other values: a sweep is seldom the last. */
function EditButton({ spec, axes }: { spec: unknown; axes: readonly SweepAxis[] }) {
  return (
    <Button
      size="xs"
      variant="default"
      leftSection={<IconEdit size={14} aria-hidden />}
      disabled={!isRecord(spec)}
      onClick={() => {
        if (!isRecord(spec)) return
        // New run shows the same draft: started there it would silently be simulated.
        const measured = { ...spec, mode: 'measure' as const }
        loadDraft(RecordedSpec.safeParse(measured).data ?? measured)
        replaceRows(axes)
        navigate('/sweeps/new')
      }}
    >
      Edit and sweep
    </Button>
  )
}

function DeleteButton({ sweep }: { sweep: SweepSummary }) {
  return (
    <Button
      size="xs"
      variant="default"
      leftSection={<IconTrash size={14} aria-hidden />}
      aria-label={`Delete sweep ${sweep.name}`}
      onClick={async () => {
        if (await deleteSweep(sweep)) navigate('/sweeps')
      }}
    >
      Delete
    </Button>
  )
}
