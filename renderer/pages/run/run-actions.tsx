import { Button, Menu } from '@mantine/core'
import {
  IconChartLine,
  IconDownload,
  IconEdit,
  IconPin,
  IconPinnedOff,
  IconRepeat,
  IconScale,
  IconTrash,
} from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import type { RunDocument } from '../../../main/contract/index.ts'
import { download } from '../../lab/download.ts'
import { faultFrom } from '../../lab/fault.ts'
import { lab, queries, queryClient } from '../../lab-client.ts'
import { deleteRun } from '../../shell/delete-kept.ts'
import { FaultAlert } from '../../shell/fault-alert.tsx'
import { navigate } from '../../shell/hash-location.ts'
import { offerUndo } from '../../shell/offer-undo.tsx'
import { useStartRun } from '../../shell/start-run.tsx'
import { openDraft } from '../../spec-form/load-draft.ts'
import { trendHref } from '../trend/place.ts'

const FORMATS = [
  { format: 'json', title: 'JSON document' },
  { format: 'csv', title: 'CSV table' },
  { format: 'html', title: 'HTML report' },
  { format: 'bundle', title: 'Bundle (to import elsewhere)' },
] as const

/** What can be done with a finished run. */
export function RunActions({ document: { run, spec } }: { document: RunDocument }) {
  const again = useStartRun()
  const about = useQuery(queries.about.queryOptions({ staleTime: Number.POSITIVE_INFINITY }))
  // On the disk that was measured; the lab's own directory needs no name.
  const elsewhere = run.swapDir === about.data?.dataDir ? null : run.swapDir
  const save = useMutation({
    mutationFn: (format: (typeof FORMATS)[number]['format']) => lab.runs.export({ id: run.id, format }),
    onSuccess: download,
  })
  const pin = useMutation({
    mutationFn: () => (run.baseline ? lab.runs.unpin({ id: run.id }) : lab.runs.pin({ id: run.id })),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: queries.runs.key() })
      const before = run.baseline ? run.id : run.baselineId
      if (before === null) return
      offerUndo({
        id: `baseline-${run.id}`,
        title: run.baseline ? 'Baseline unpinned' : 'Another run was the baseline',
        what: run.baseline ? run.name : `${run.name} has taken its place`,
        undo: () => pinAgain.mutate(before),
      })
    },
  })
  const pinAgain = useMutation({
    mutationFn: (id: string) => lab.runs.pin({ id }),
    onSuccess: () => queryClient.invalidateQueries({ queryKey: queries.runs.key() }),
  })
  const failed = save.error ?? pin.error ?? pinAgain.error
  const fault = again.fault ?? (failed && faultFrom(failed))
  // What a run with a baseline is compared with is known; for any other, and for the baseline itself, it is chosen.
  const compareWith =
    run.baselineId !== null && !run.baseline
      ? `base=${encodeURIComponent(run.baselineId)}&new=${encodeURIComponent(run.id)}`
      : `base=${encodeURIComponent(run.id)}`
  return (
    <>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconRepeat size={14} aria-hidden />}
        loading={again.isPending}
        onClick={() => again.ask({ spec, swapDir: elsewhere ?? undefined, from: 'again' })}
      >
        Run again
      </Button>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconEdit size={14} aria-hidden />}
        onClick={() => openDraft(spec, elsewhere ?? '')}
      >
        Edit and run
      </Button>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconScale size={14} aria-hidden />}
        onClick={() => navigate(`/compare?${compareWith}`)}
      >
        Compare…
      </Button>
      {run.status === 'done' && (
        <>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconChartLine size={14} aria-hidden />}
            onClick={() => navigate(trendHref(run.id, {}))}
          >
            Trend
          </Button>
          <Button
            size="xs"
            variant="default"
            leftSection={run.baseline ? <IconPinnedOff size={14} aria-hidden /> : <IconPin size={14} aria-hidden />}
            loading={pin.isPending}
            title="What later runs of this experiment on this host are compared with"
            onClick={() => pin.mutate()}
          >
            {run.baseline ? 'Unpin baseline' : 'Pin as baseline'}
          </Button>
        </>
      )}
      <Menu position="bottom-end" withinPortal={false} withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <Button
            size="xs"
            variant="default"
            leftSection={<IconDownload size={14} aria-hidden />}
            loading={save.isPending}
          >
            Export
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {FORMATS.map(({ format, title }) => (
            <Menu.Item key={format} onClick={() => save.mutate(format)}>
              {title}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
      <Button
        size="xs"
        variant="default"
        leftSection={<IconTrash size={14} aria-hidden />}
        aria-label={`Delete run ${run.name}`}
        onClick={async () => {
          if (await deleteRun(run)) navigate('/history')
        }}
      >
        Delete
      </Button>
      {fault && <FaultAlert title="That did not work" fault={fault} />}
      {again.consent}
    </>
  )
}
