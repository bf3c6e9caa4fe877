import { Box, Button, Grid, Group, Stack, Tabs, TextInput } from '@mantine/core'
import { IconArrowDown, IconRotate } from '@tabler/icons-react'
import { useMemo, useRef } from 'react'
import { inWords } from '../../lab/fault.ts'
import { focusWhenDrawn } from '../../shell/focus-when-drawn.ts'
import { PageHeader } from '../../shell/page-header.tsx'
import { Panel } from '../../shell/panel.tsx'
import { useStartRun } from '../../shell/start-run.tsx'
import { setDraftSwapDir, setDraftTab, useDraft } from '../../spec-form/draft.ts'
import { fieldId } from '../../spec-form/field-control.tsx'
import { loadDraft } from '../../spec-form/load-draft.ts'
import { SpecForm } from '../../spec-form/spec-form.tsx'
import { problemsOf } from '../../spec-form/values.ts'
import { useYamlReading, YamlEditor } from '../../spec-form/yaml-editor.tsx'
import { AaPanel } from './aa-panel.tsx'
import { Estimate } from './estimate.tsx'
import { HostCheckPanel } from './host-check.tsx'
import { Presets } from './presets.tsx'
import { StartPanel } from './start-panel.tsx'
import { useForeseen } from './use-foreseen.ts'

export default function NewRunPage() {
  const draft = useDraft()
  const form = useRef<HTMLDivElement>(null)
  const startPart = useRef<HTMLDivElement>(null)
  const judged = useMemo(() => problemsOf(draft.values), [draft.values])
  const reading = useYamlReading()
  // What the form holds is older than a text that is not accepted yet.
  const unread = draft.tab === 'yaml' && reading !== 'success'
  const valid = judged.size === 0 && !(draft.tab === 'yaml' && reading === 'error')
  const swapDir = draft.swapDir.trim() || undefined

  const start = useStartRun()
  const refusal = start.fault
  const ofDraft = start.request?.from === 'draft'
  // A refusal belongs to what was sent; it goes as soon as something else is typed.
  const refusalHolds =
    refusal !== null && (!ofDraft || (start.request?.spec === draft.values && start.request.swapDir === swapDir))
  const foreseen = useForeseen(draft.values, valid)
  const problems = useMemo(() => {
    const faults = [foreseen, ofDraft && refusalHolds ? refusal : null]
    const refused = faults.flatMap((fault) =>
      fault?.field === undefined ? [] : [[fault.field, inWords(fault)] as const],
    )
    return new Map([...refused, ...judged])
  }, [judged, foreseen, refusal, refusalHolds, ofDraft])

  const toForm = () => form.current?.scrollIntoView({ block: 'start' })

  return (
    <>
      <PageHeader
        title="New run"
        lead="Measure compressed swap on this host: a preset in one click, or your own experiment."
      />
      <Stack gap="lg">
        <Presets
          starting={start.isPending ? (start.request?.from ?? null) : null}
          onRun={(preset) => start.ask({ spec: preset.spec, swapDir, from: preset.name })}
          onCustomise={(preset) => {
            loadDraft(preset.spec)
            setDraftTab('form')
            toForm()
          }}
        />
        <Grid gap="lg" ref={form} style={{ scrollMarginTop: 64 }}>
          <Grid.Col span={{ base: 12, lg: 8 }}>
            <Panel
              title="Experiment"
              lead="Everything a run does. What is written here is kept until it is reset."
              controls={
                <Button
                  size="xs"
                  variant="default"
                  leftSection={<IconRotate size={14} aria-hidden />}
                  onClick={() => {
                    loadDraft(null)
                    start.reset()
                  }}
                >
                  Reset to defaults
                </Button>
              }
            >
              <Tabs
                value={draft.tab}
                onChange={(tab) => (tab === 'form' || tab === 'yaml') && setDraftTab(tab)}
                keepMounted={false}
              >
                <Tabs.List mb="md">
                  <Tabs.Tab value="form">Form</Tabs.Tab>
                  <Tabs.Tab value="yaml">YAML</Tabs.Tab>
                </Tabs.List>
                <Tabs.Panel value="form">
                  <SpecForm problems={problems} />
                </Tabs.Panel>
                <Tabs.Panel value="yaml">
                  <YamlEditor />
                </Tabs.Panel>
              </Tabs>
            </Panel>
            <Box hiddenFrom="lg" className="to-start">
              <Button
                fullWidth
                variant="default"
                rightSection={<IconArrowDown size={16} aria-hidden />}
                onClick={() => {
                  startPart.current?.scrollIntoView()
                  startPart.current?.focus({ preventScroll: true })
                }}
              >
                {problems.size === 0 ? 'To estimate and start' : `To start: ${problems.size} to mend first`}
              </Button>
            </Box>
          </Grid.Col>
          <Grid.Col span={{ base: 12, lg: 4 }}>
            <Box pos="sticky" top={16} ref={startPart} tabIndex={-1} style={{ scrollMarginTop: 64, outline: 'none' }}>
              <Stack gap="md">
                <StartPanel
                  problems={problems}
                  wrong={judged.size > 0}
                  refusal={refusalHolds ? refusal : null}
                  pending={start.isPending}
                  blocked={unread ? 'The YAML text has not been accepted yet.' : null}
                  onStart={() => start.ask({ spec: draft.values, swapDir, from: 'draft' })}
                  onShow={(path) => {
                    setDraftTab('form')
                    focusWhenDrawn(fieldId(path))
                  }}
                  target={
                    <TextInput
                      label="Swap directory"
                      description="Where the swap file is made; empty: beside the history."
                      placeholder="the lab's own"
                      id={fieldId('swapDir')}
                      error={problems.get('swapDir')}
                      value={draft.swapDir}
                      onChange={({ currentTarget }) => setDraftSwapDir(currentTarget.value)}
                    />
                  }
                >
                  <Estimate values={draft.values} swapDir={swapDir} valid={valid} />
                </StartPanel>
                <AaPanel values={draft.values} valid={judged.size === 0} unread={unread} swapDir={swapDir} />
                <HostCheckPanel swapDir={swapDir} />
              </Stack>
            </Box>
          </Grid.Col>
        </Grid>
        <Group h={8} />
      </Stack>
      {start.consent}
    </>
  )
}
