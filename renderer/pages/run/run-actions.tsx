import { Button, Menu } from '@mantine/core'
import { IconDownload, IconEdit, IconRepeat, IconScale, IconTrash } from '@tabler/icons-react'
import { useMutation } from '@tanstack/react-query'
import type { RunDocument } from '../../../main/contract/index.ts'
import { download } from '../../lab/download.ts'
import { faultFrom } from '../../lab/fault.ts'
import { lab } from '../../lab-client.ts'
import { deleteRun } from '../../shell/delete-run.tsx'
import { FaultAlert } from '../../shell/fault-alert.tsx'
import { navigate } from '../../shell/hash-location.ts'
import { useStartRun } from '../../shell/start-run.tsx'
import { loadDraft, setDraftTab } from '../../spec-form/draft.ts'

const FORMATS = [
  { format: 'json', title: 'JSON document' },
  { format: 'csv', title: 'CSV table' },
  { format: 'html', title: 'HTML report' },
  { format: 'bundle', title: 'Bundle (to import elsewhere)' },
] as const

/** What can be done with a finished run. */
export function RunActions({ document: { run, spec } }: { document: RunDocument }) {
  const again = useStartRun()
  const save = useMutation({
    mutationFn: (format: (typeof FORMATS)[number]['format']) => lab.runs.export({ id: run.id, format }),
    onSuccess: download,
  })
  const fault = again.fault ?? (save.error && faultFrom(save.error))
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconRepeat size={16} aria-hidden />}
        loading={again.isPending}
        onClick={() => again.start({ spec, from: 'again' })}
      >
        Run again
      </Button>
      <Button
        variant="default"
        leftSection={<IconEdit size={16} aria-hidden />}
        onClick={() => {
          loadDraft(spec)
          setDraftTab('form')
          navigate('/new')
        }}
      >
        Edit and run
      </Button>
      <Button
        variant="default"
        leftSection={<IconScale size={16} aria-hidden />}
        onClick={() => navigate(`/compare?base=${encodeURIComponent(run.id)}`)}
      >
        Compare…
      </Button>
      <Menu position="bottom-end" withinPortal={false} withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <Button variant="default" leftSection={<IconDownload size={16} aria-hidden />} loading={save.isPending}>
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
        variant="default"
        leftSection={<IconTrash size={16} aria-hidden />}
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
