import { List, Stack, Table, Text } from '@mantine/core'
import {
  type BesideKernel,
  CALIBRATED_POOLS,
  type Calibration,
  countFioVerdicts,
  FIO_FIGURES,
  FIO_LIMITS,
  fioVerdictWords,
  type KernelComparison,
  observerFigures,
} from '../../../main/contract/index.ts'
import { ABSENT, formatBytes, formatCount, formatNs, formatRate } from '../../format/quantity.ts'
import { Part } from '../../shell/part.tsx'

const times = (value: number): string => `${value.toFixed(2)} ×`

/** Smallest and largest of the rounds: their spread is the doubt. */
const spread = (rounds: readonly number[], format: (value: number) => string): string =>
  `${format(Math.min(...rounds))} … ${format(Math.max(...rounds))}`

const howOf = ({ order, blockBytes, io, queueDepth, sync }: Calibration['disk'][number]): string =>
  `${order}, ${formatBytes(blockBytes)}, ${io}, queue ${queueDepth}, sync ${sync}`

/** " (0.98 … 1.02)"; nothing where there is no interval. */
const rangeOf = (figure: { low: number | null; high: number | null } | undefined): string =>
  figure?.low == null || figure.high == null ? '' : ` (${figure.low.toFixed(2)} … ${figure.high.toFixed(2)})`

/** The tables of a calibration. */
export function CalibrationResults({
  calibration: { clock, observer, codecs, disk, kernel, skipped },
}: {
  calibration: Calibration
}) {
  const compared = disk.flatMap((row) => (row.vsFio ? [{ row, vsFio: row.vsFio }] : []))
  return (
    <Stack gap="md" mt="sm">
      <Text size="sm">
        {observer
          ? `Cost of looking, each doing nothing: ${observerFigures(observer)
              .map(([name, ns]) => `${name} ${formatNs(ns)}`)
              .join(', ')}. What is not far above it is no measurement.`
          : `Reading the clock costs ${formatNs(clock.overheadNs)}.`}
      </Text>
      {codecs.length > 0 && (
        <Part title="Codecs, median per page">
          <Figures
            caption="Codec calibration"
            head={[
              ...['Codec', 'Pool', 'Corpus', 'Ratio', 'Compress', 'Compress in place', 'Decompress', 'Store', 'Load'],
              ...['Store / raw', 'Store / in place', 'Load / raw'],
            ]}
            rows={codecs.map((row) => [
              row.codec,
              row.pool,
              `${row.corpus}, ${formatCount(row.pages)} pages`,
              times(row.ratio),
              formatNs(row.rawCompressNs),
              row.rawInPlaceNs === null ? ABSENT : formatNs(row.rawInPlaceNs),
              formatNs(row.rawDecompressNs),
              formatNs(row.storeNs),
              formatNs(row.loadNs),
              times(row.storeOverRaw),
              row.rawInPlaceNs === null ? ABSENT : times(row.storeNs / row.rawInPlaceNs),
              times(row.loadOverRaw),
            ])}
          />
          <List size="sm" mt="xs">
            {Object.entries(CALIBRATED_POOLS).map(([pool, what]) => (
              <List.Item key={pool}>
                {pool}: {what}.
              </List.Item>
            ))}
          </List>
        </Part>
      )}
      {disk.length > 0 && (
        <Part title="Disk">
          <Figures
            caption="Disk calibration"
            head={['Operation', 'How', 'p50', 'p99', 'Rate']}
            rows={disk.map((row) => [
              row.op,
              howOf(row),
              formatNs(row.p50Ns),
              formatNs(row.p99Ns),
              formatRate(row.perSecond),
            ])}
          />
        </Part>
      )}
      {compared.length > 0 && (
        <Part title="Disk beside fio">
          <Text size="sm" mb={4}>
            This lab / fio, in turns on the same file and CPU, with 95 % intervals over the turns. To hold: p50 at most{' '}
            {FIO_LIMITS.p50}, p99 at most {FIO_LIMITS.p99}, rate at least {FIO_LIMITS.perSecond}.{' '}
            {countFioVerdicts(disk)}. Unclear: the interval reaches across the limit, the difference is within its own
            noise.
          </Text>
          <Figures
            caption="Disk beside fio"
            head={['Operation', 'How', 'Verdict', 'Turns', 'p50', 'p99', 'Rate']}
            rows={compared.map(({ row, vsFio }) => [
              row.op,
              howOf(row),
              fioVerdictWords(vsFio) ?? ABSENT,
              vsFio.judged ? formatCount(vsFio.judged.turns) : ABSENT,
              ...FIO_FIGURES.map((name) => `${times(vsFio[name])}${rangeOf(vsFio.judged?.[name])}`),
            ])}
          />
        </Part>
      )}
      {kernel && <BesideKernelTables comparison={kernel} />}
      {skipped.length > 0 && (
        <Part title="Left out">
          <List size="sm">
            {skipped.map(({ what, reason }) => (
              <List.Item key={what}>
                {what}: {reason}
              </List.Item>
            ))}
          </List>
        </Part>
      )}
    </Stack>
  )
}

function BesideKernelTables({ comparison }: { comparison: KernelComparison }) {
  const { kernel, compressor, corpus, pages, cpu, lanes, writeback } = comparison
  const row = (name: string, op: string, one: BesideKernel) => [
    name,
    op,
    ...[one.engineNs, one.codecNs, one.kernelNs, one.pathNs].map(formatNs),
    times(one.overKernel),
    spread(one.rounds.overKernel, times),
    times(one.overNet),
    spread(one.rounds.overNet, times),
  ]
  return (
    <>
      <Part title="Beside this kernel's zswap, median per page">
        <Text size="sm" mb={4}>
          {compressor} on Linux {kernel}, {cpu === null ? 'not pinned' : `both on CPU ${cpu}`}; {formatCount(pages)}{' '}
          pages, {corpus}. The path is the kernel with a page of zeros, which needs neither codec nor pool.
        </Text>
        <Figures
          caption="Store and load beside the kernel"
          head={[
            'Lane',
            'Operation',
            'Engine',
            'Its codec',
            'Kernel',
            'Path',
            '/ kernel',
            'Rounds',
            '/ (kernel − path)',
            'Rounds of it',
          ]}
          rows={lanes.flatMap(({ lane, store, load }) => [row(lane, 'store', store), row(lane, 'load', load)])}
        />
      </Part>
      <Part title="Writeback beside this kernel's zswap">
        <Figures
          caption="Writeback beside the kernel"
          head={['Who', 'How', 'Flush', 'Pages', 'Rate', 'Rounds']}
          rows={writeback.map(({ who, how, flush, pages: written, pagesPerS, rounds }) => [
            who,
            how,
            flush,
            formatCount(written),
            formatRate(pagesPerS),
            spread(rounds, formatRate),
          ])}
        />
      </Part>
    </>
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
            <Table.Tr key={row.slice(0, 3).join()}>
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
