import { useQuery } from '@tanstack/react-query'
import { formatDuration, formatWhen } from '../../format/quantity.ts'
import { queries } from '../../lab-client.ts'
import { BaselineBadge } from '../../shell/baseline-badge.tsx'
import { CancelButton } from '../../shell/cancel-button.tsx'
import { NotLoaded } from '../../shell/not-loaded.tsx'
import { PageHeader } from '../../shell/page-header.tsx'
import { PageSkeleton } from '../../shell/page-skeleton.tsx'
import { RunModeBadge } from '../../shell/run-mode.tsx'
import { RunModeContext } from '../../shell/run-mode-context.ts'
import { isUnderWay, RunStatusBadge } from '../../shell/run-status.tsx'
import { LiveView } from './live-view.tsx'
import { Report } from './report.tsx'
import { RunActions } from './run-actions.tsx'

/** One run: live while it is under way, its report afterwards, at the same address and under the same heading. */
export default function RunPage({ id }: { id: string }) {
  const query = useQuery(
    queries.runs.get.queryOptions({
      input: { id },
      // The watch tells when the run has ended; this is for a watch that was lost.
      refetchInterval: ({ state }) => (state.data && isUnderWay(state.data.run) ? 5_000 : false),
    }),
  )
  if (query.error && !query.data) return <NotLoaded of="run" error={query.error} onRetry={() => query.refetch()} />
  if (!query.data) return <PageSkeleton />
  const { run } = query.data
  const underWay = isUnderWay(run)
  return (
    <>
      <PageHeader
        title={run.name}
        beside={
          <>
            <RunStatusBadge status={run.status} />
            <RunModeBadge mode={run.mode} />
            {run.baseline && <BaselineBadge />}
          </>
        }
        lead={
          <>
            {formatWhen(run.startedAt)} · {underWay ? 'under way' : formatDuration(run.durationMs)} ·{' '}
            {run.host.hostname}
            {!underWay && ` · ${run.trialsDone} of ${run.trialsTotal} trial${run.trialsTotal === 1 ? '' : 's'}`}
          </>
        }
        toolbar={
          underWay ? (
            <CancelButton of="run" id={id} collecting={run.endedAt !== null} />
          ) : (
            <RunActions document={query.data} />
          )
        }
      />
      <div className="unseen" role="status" aria-live="polite">
        {underWay ? '' : `Run ${run.status}. ${run.headline ?? ''}`}
      </div>
      <div style={{ minHeight: '85vh' }}>
        <RunModeContext value={run.mode}>
          {underWay ? <LiveView id={id} spec={query.data.spec} /> : <Report document={query.data} />}
        </RunModeContext>
      </div>
    </>
  )
}
