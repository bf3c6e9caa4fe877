import { List, Stack, Text } from '@mantine/core'
import { ioWords, type PreconditionFacts, type RunDocument } from '../../../main/contract/index.ts'
import { ABSENT, formatBytes, formatCount, formatNs, formatWhen, wholeFigures } from '../../format/quantity.ts'
import { type Fact, FactList } from '../../shell/fact-list.tsx'
import { Panel } from '../../shell/panel.tsx'
import { Part } from '../../shell/part.tsx'
import { useChoiceFacts } from '../../spec-form/choice-facts.ts'
import { deviceFacts, hostFacts } from '../host/host-facts.ts'
import { laneMeaning } from './lane-meaning.ts'

/** What the figures were measured on and with: host, device, swap file, page contents, the cost of looking. */
export function FactsPanel({ document }: { document: RunDocument }) {
  const { run, lanes, observer } = document
  const facts = useChoiceFacts()
  const meanings = lanes.flatMap(({ label, spec }) => {
    const meaning = laneMeaning(spec, facts)
    return meaning === null ? [] : [{ label, meaning }]
  })
  const notes = lanes.flatMap(({ label, notes: own }) => own.map((note) => `${label}: ${note}`))
  return (
    <Panel title="Measured on" lead={`As read ${formatWhen(run.host.readAt)}.`}>
      <Stack gap="md">
        {meanings.length > 0 && (
          <Part title="What the lanes are">
            <List size="sm">
              {meanings.map(({ label, meaning }) => (
                <List.Item key={label}>
                  <Text span inherit fw={600}>
                    <bdi>{label}</bdi>
                  </Text>
                  : {meaning}
                </List.Item>
              ))}
            </List>
          </Part>
        )}
        {observer && (
          <Part title="Cost of looking">
            <FactList
              name="Cost of looking"
              facts={[
                ['Reading the clock', formatNs(observer.clockNs)],
                ['A fault that does nothing', formatNs(observer.nullFaultNs)],
                ['A store that does nothing', formatNs(observer.nullStoreNs)],
                ['A load that does nothing', formatOptionalNs(observer.nullLoadNs)],
                ['A write to a device that does nothing', formatOptionalNs(observer.nullIoNs)],
              ]}
            />
          </Part>
        )}
        <Part title="Swap file and contents">
          <FactList name="Swap file and contents" facts={[...swapfileFacts(run), ...corpusFacts(run)]} />
        </Part>
        {notes.length > 0 && (
          <Part title="Notes of the lanes">
            <List size="sm">
              {notes.map((note) => (
                <List.Item key={note}>{note}</List.Item>
              ))}
            </List>
          </Part>
        )}
        <Part title="Device">
          <FactList name="Device" facts={deviceFacts(run.host.device, run.host.hypervisor)} />
        </Part>
        <Part title="Host">
          <FactList
            name="Host"
            facts={[
              ...hostFacts(run.host),
              ['Swaplab', run.version],
              ['Experiment', run.experimentHash],
              ['Run', run.id],
            ]}
          />
        </Part>
      </Stack>
    </Panel>
  )
}

const formatOptionalNs = (ns: number | undefined) => (ns === undefined ? ABSENT : formatNs(ns))

function swapfileFacts({ swapfile }: RunDocument['run']): readonly Fact[] {
  if (!swapfile) return [['Swap file', 'none was made']]
  return [
    ['Swap file', `${formatBytes(swapfile.bytes)} in ${swapfile.directory}`],
    ['Transfers', swapfile.direct ? 'direct (O_DIRECT)' : 'BUFFERED: the page cache is part of every figure'],
    ['I/O engine', ioWords(swapfile)],
    ['Sync', swapfile.syncVerb],
    ...(swapfile.precondition ? [preconditionFact(swapfile.precondition)] : []),
    ['Engine on CPU', String(swapfile.cpu ?? 'any')],
  ]
}

function preconditionFact({ bytes, passes, reason }: PreconditionFacts): Fact {
  return [
    'Preconditioned',
    `file-level, not SNIA PTS: ${formatBytes(bytes)} of random 4 KiB writes, ${passes.toFixed(2)} times the file. ${wholeFigures(reason)}`,
  ]
}

function corpusFacts({ corpus }: RunDocument['run']): readonly Fact[] {
  if (!corpus) return []
  return [
    ['Page contents', `${corpus.source}${corpus.synthetic ? ' (synthetic)' : ''}`],
    [
      'Pages',
      `${formatCount(corpus.pages)}, ${formatCount(corpus.zeroPages)} of them zero; ${formatCount(corpus.skippedZeroPages)} zero pages skipped`,
    ],
    ['SHA-256', corpus.sha256],
  ]
}
