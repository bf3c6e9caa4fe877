import { Button, List, Stack, Table, Text, Title } from '@mantine/core'
import { IconRuler } from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import type { Calibration } from '../../../main/contract/index.ts'
import { ABSENT, formatBytes, formatCount, formatNs, formatRate } from '../../format/quantity.ts'
import { lab, queryClient } from '../../lab-client.ts'
import { ErrorAlert } from '../../shell/fault-alert.tsx'
import { Panel } from '../../shell/panel.tsx'

const KEY = ['calibration'] as const
const times = (value: number): string => `${value.toFixed(2)} ×`

/** The host's own limits beside the engine's cost on the same work. The last result stays while the window lives. */
export function CalibrationPanel() {
  const last = useQuery<Calibration | null>({
    queryKey: KEY,
    queryFn: () => queryClient.getQueryData<Calibration>(KEY) ?? null,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  })
  const calibrate = useMutation({
    mutationKey: KEY,
    mutationFn: () => lab.host.calibrate({}),
    onSuccess: (calibration) => queryClient.setQueryData(KEY, calibration),
  })
  return (
    <Panel
      title="Calibration"
      lead="The clock, the codecs and the disk of this host, and what the engine adds to them."
      controls={
        <Button
          size="xs"
          leftSection={<IconRuler size={14} aria-hidden />}
          loading={calibrate.isPending}
          onClick={() => calibrate.mutate()}
        >
          Calibrate
        </Button>
      }
    >
      <div aria-live="polite">
        {calibrate.isPending ? (
          <Text size="sm">Measuring; this takes half a minute, beside fio two minutes…</Text>
        ) : calibrate.error ? (
          <ErrorAlert title="The calibration failed" error={calibrate.error} />
        ) : (
          !last.data && <Text size="sm">Not calibrated in this window yet.</Text>
        )}
      </div>
      {last.data && <Results calibration={last.data} />}
    </Panel>
  )
}

function Results({ calibration: { clock, codecs, disk, skipped } }: { calibration: Calibration }) {
  return (
    <Stack gap="md" mt="sm">
      <Text size="sm">Reading the clock costs {formatNs(clock.overheadNs)}.</Text>
      {codecs.length > 0 && (
        <section>
          <Title order={3} mb={4}>
            Codecs, median per page
          </Title>
          <Figures
            caption="Codec calibration"
            head={['Codec', 'Corpus', 'Ratio', 'Compress', 'Decompress', 'Store', 'Load', 'Store / raw', 'Load / raw']}
            rows={codecs.map((row) => [
              row.codec,
              `${row.corpus}, ${formatCount(row.pages)} pages`,
              times(row.ratio),
              formatNs(row.rawCompressNs),
              formatNs(row.rawDecompressNs),
              formatNs(row.storeNs),
              formatNs(row.loadNs),
              times(row.storeOverRaw),
              times(row.loadOverRaw),
            ])}
          />
        </section>
      )}
      {disk.length > 0 && (
        <section>
          <Title order={3} mb={4}>
            Disk
          </Title>
          <Figures
            caption="Disk calibration"
            head={['Operation', 'How', 'p50', 'p99', 'Rate', 'p50 / fio', 'p99 / fio', 'Rate / fio']}
            rows={disk.map((row) => [
              row.op,
              `${row.order}, ${formatBytes(row.blockBytes)}, ${row.io}, queue ${row.queueDepth}, sync ${row.sync}`,
              formatNs(row.p50Ns),
              formatNs(row.p99Ns),
              formatRate(row.perSecond),
              row.vsFio ? times(row.vsFio.p50) : ABSENT,
              row.vsFio ? times(row.vsFio.p99) : ABSENT,
              row.vsFio ? times(row.vsFio.perSecond) : ABSENT,
            ])}
          />
        </section>
      )}
      {skipped.length > 0 && (
        <section>
          <Title order={3} mb={4}>
            Left out
          </Title>
          <List size="sm">
            {skipped.map(({ what, reason }) => (
              <List.Item key={what}>
                {what}: {reason}
              </List.Item>
            ))}
          </List>
        </section>
      )}
    </Stack>
  )
}

/** Two columns of words, then figures. */
function Figures({ caption, head, rows }: { caption: string; head: readonly string[]; rows: readonly string[][] }) {
  return (
    <Table.ScrollContainer minWidth={820} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table verticalSpacing={4} fz="sm">
        <caption className="unseen">{caption}</caption>
        <Table.Thead>
          <Table.Tr>
            {head.map((title, at) => (
              <Table.Th key={title} scope="col" className={at > 1 ? 'numeric' : undefined}>
                {title}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={row.slice(0, 2).join()}>
              {row.map((cell, at) => (
                <Table.Td key={head[at]} className={at > 1 ? 'numeric' : undefined}>
                  {cell}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  )
}
