import { Group, List, Stack, Table, Text } from '@mantine/core'
import { IconCircleCheck, IconCircleX, IconHelpCircle } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import {
  type BesideKernel,
  CALIBRATED_POOLS,
  type Calibration,
  countFioVerdicts,
  FIO_FIGURES,
  FIO_LIMITS,
  FIO_UNCLEAR,
  type FioComparison,
  type FioVerdict,
  fioIntervalWords,
  fioVerdictWords,
  type KernelComparison,
  observerFigures,
} from '../../../main/contract/index.ts'
import { ABSENT, formatCount, formatNs, formatRate } from '../../format/quantity.ts'
import { ColumnHead, FigureTable } from '../../shell/figure-table.tsx'
import { Part } from '../../shell/part.tsx'

const times = (value: number): string => `${value.toFixed(2)}\u00a0×`

/** Smallest and largest of the rounds: their spread is the doubt. */
const spread = (rounds: readonly number[], format: (value: number) => string): string =>
  `${format(Math.min(...rounds))} … ${format(Math.max(...rounds))}`

/** The tables of a calibration. */
export function CalibrationResults({
  calibration: { clock, observer, codecs, disk, kernel, skipped },
}: {
  calibration: Calibration
}) {
  return (
    <Stack gap="md" mt="sm">
      <Text size="sm">
        {observer
          ? `Cost of looking, each doing nothing: ${observerFigures(observer)
              .map(([name, ns]) => `${name} ${formatNs(ns)}`)
              .join(', ')}. What is not far above it is no measurement.`
          : `Reading the clock costs ${formatNs(clock.overheadNs)}.`}
      </Text>
      {codecs.length > 0 && <CodecTable rows={codecs} />}
      {disk.length > 0 && <DiskTable rows={disk} />}
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

function CodecTable({ rows }: { rows: Calibration['codecs'] }) {
  const corpora = [...new Set(rows.map(({ corpus, pages }) => `${corpus}, ${formatCount(pages)} pages`))]
  return (
    <Part title="Codecs, median per page">
      <Text size="sm" mb={4}>
        Contents: {corpora.join('; ')}. Raw is the codec alone, to one place that stays in the CPU caches; in place, to
        a place of the page's own.
      </Text>
      <Figures
        caption="Codec calibration"
        head={['Codec', 'Pool', 'Compress, raw', 'Decompress, raw', 'Store', 'Load']}
        words={2}
        rows={rows.map((row) => ({
          name: `${row.codec} ${row.pool}`,
          cells: [
            over(row.codec, `ratio ${row.ratio.toFixed(2)}`),
            row.pool,
            over(formatNs(row.rawCompressNs), row.rawInPlaceNs !== null && `${formatNs(row.rawInPlaceNs)} in place`),
            formatNs(row.rawDecompressNs),
            over(
              formatNs(row.storeNs),
              `${times(row.storeOverRaw)} raw${row.rawInPlaceNs === null ? '' : `, ${times(row.storeNs / row.rawInPlaceNs)} in place`}`,
            ),
            over(formatNs(row.loadNs), `${times(row.loadOverRaw)} raw`),
          ],
        }))}
      />
      <List size="sm" mt="xs">
        {Object.entries(CALIBRATED_POOLS).map(([pool, what]) => (
          <List.Item key={pool}>
            {pool}: {what}.
          </List.Item>
        ))}
      </List>
    </Part>
  )
}

type DiskRow = Calibration['disk'][number]

const whatOf = ({ op, order, blockBytes }: DiskRow): string => `${order} ${op}, ${blockBytes / 1024} KiB`
const howOf = ({ io, queueDepth, sync }: DiskRow): string =>
  `${io}, queue ${queueDepth}${sync === 'dsync' ? ', O_DSYNC' : ''}`

/** Every way to drive the disk; where fio was driven the same way, the ratio to it below each figure, and the verdict. */
function DiskTable({ rows }: { rows: readonly DiskRow[] }) {
  const shown = { p50: 'p50Ns', p99: 'p99Ns', perSecond: 'perSecond' } as const
  const besideFio = rows.some(({ vsFio }) => vsFio)
  return (
    <Part title="Disk">
      {besideFio && (
        <Text size="sm" mb={4}>
          Below each figure: this lab ÷ fio, in turns on the same file and CPU, with {fioIntervalWords(rows)}. To hold:
          p50 at most {FIO_LIMITS.p50}, p99 at most {FIO_LIMITS.p99}, rate at least {FIO_LIMITS.perSecond}.{' '}
          {countFioVerdicts(rows)}. {FIO_UNCLEAR}
        </Text>
      )}
      <Figures
        caption="Disk calibration"
        head={['Operation', ...(besideFio ? ['Beside fio'] : []), 'p50', 'p99', 'Rate']}
        words={besideFio ? 2 : 1}
        rows={rows.map((row) => ({
          name: `${whatOf(row)}, ${howOf(row)}`,
          cells: [
            over(whatOf(row), howOf(row)),
            ...(besideFio ? [<BesideFio key="fio" vsFio={row.vsFio} />] : []),
            ...FIO_FIGURES.map((name) =>
              over(
                (name === 'perSecond' ? formatRate : formatNs)(row[shown[name]]),
                row.vsFio && <Ratio vsFio={row.vsFio} name={name} />,
              ),
            ),
          ],
        }))}
      />
    </Part>
  )
}

const LOOKS = {
  holds: { tone: 'var(--swaplab-good)', icon: IconCircleCheck },
  unclear: { tone: 'var(--swaplab-warn)', icon: IconHelpCircle },
  missed: { tone: 'var(--swaplab-bad)', icon: IconCircleX },
} as const satisfies Record<FioVerdict, unknown>

function BesideFio({ vsFio }: { vsFio: FioComparison | undefined }) {
  if (!vsFio) return ABSENT
  if (!vsFio.judged) return 'not judged'
  const { tone, icon: Icon } = LOOKS[vsFio.judged.verdict]
  return over(
    <Group component="span" gap={4} wrap="nowrap" align="flex-start" c={tone}>
      <Icon size={16} aria-hidden style={{ flex: 'none', marginTop: 2 }} />
      {fioVerdictWords(vsFio)}
    </Group>,
    `${formatCount(vsFio.judged.turns)} turns`,
  )
}

/** "1.019 (0.981 … 1.052)"; in its tone where it does not hold, which the verdict says in words. */
function Ratio({ vsFio, name }: { vsFio: FioComparison; name: (typeof FIO_FIGURES)[number] }) {
  const { low = null, high = null, verdict = 'holds' } = vsFio.judged?.[name] ?? {}
  const interval = low === null || high === null ? '' : ` (${low.toFixed(3)} … ${high.toFixed(3)})`
  return (
    <Text component="span" inherit c={verdict === 'holds' ? undefined : LOOKS[verdict].tone}>
      {vsFio[name].toFixed(3)}
      {interval}
    </Text>
  )
}

function BesideKernelTables({ comparison }: { comparison: KernelComparison }) {
  const { kernel, compressor, corpus, pages, cpu, lanes, writeback } = comparison
  const row = (name: string, one: BesideKernel): Row => ({
    name,
    cells: [
      name,
      over(formatNs(one.engineNs), `codec ${formatNs(one.codecNs)}`),
      over(formatNs(one.kernelNs), `path ${formatNs(one.pathNs)}`),
      over(times(one.overKernel), spread(one.rounds.overKernel, times)),
      over(times(one.overNet), spread(one.rounds.overNet, times)),
    ],
  })
  return (
    <>
      <Part title="Beside this kernel's zswap, median per page">
        <Text size="sm" mb={4}>
          {compressor} on Linux {kernel}, {cpu === null ? 'not pinned' : `both on CPU ${cpu}`}; {formatCount(pages)}{' '}
          pages, {corpus}. The path is the kernel with a page of zeros, which needs neither codec nor pool. Below each
          ratio: the smallest and largest of its rounds.
        </Text>
        <Figures
          caption="Store and load beside the kernel"
          head={['Operation', 'Engine', 'Kernel', '÷ kernel', '÷ (kernel − path)']}
          words={1}
          rows={lanes.flatMap(({ lane, store, load }) => [row(`${lane} store`, store), row(`${lane} load`, load)])}
        />
      </Part>
      <Part title="Writeback beside this kernel's zswap">
        <Figures
          caption="Writeback beside the kernel"
          head={['Who and how', 'Flush', 'Pages', 'Rate', '÷ kernel']}
          words={2}
          rows={writeback.map(({ who, how, flush, pages: written, pagesPerS, rounds, overKernel }) => ({
            name: `${who}, ${how}, ${flush}`,
            cells: [
              over(who, how),
              flush,
              formatCount(written),
              over(formatRate(pagesPerS), spread(rounds, formatRate)),
              overKernel && over(times(overKernel.ratio), spread(overKernel.rounds, times)),
            ],
          }))}
        />
        <Text size="sm" mt={4}>
          ÷ kernel: the engine's rate by that of the kernel's drain without a flush, in the same round.
        </Text>
      </Part>
    </>
  )
}

/** A figure, and in small what belongs to it. */
function over(main: ReactNode, below: ReactNode): ReactNode {
  return (
    <>
      {main}
      {below && (
        <Text component="span" display="block" size="xs" c="dimmed">
          {below}
        </Text>
      )}
    </>
  )
}

interface Row {
  /** What tells it from the others. */
  name: string
  cells: readonly ReactNode[]
}

interface FiguresProps {
  caption: string
  head: readonly string[]
  /** Columns of words, before those of figures. */
  words: number
  rows: readonly Row[]
}

function Figures({ caption, head, words, rows }: FiguresProps) {
  return (
    <FigureTable caption={caption} className="calibration" cards verticalSpacing={4} fz="sm">
      <Table.Thead>
        <Table.Tr>
          {head.map((title, at) => (
            <ColumnHead key={title} numeric={at >= words}>
              {title}
            </ColumnHead>
          ))}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rows.map(({ name, cells }) => (
          <Table.Tr key={name}>
            {cells.map((cell, at) =>
              at === 0 ? (
                <Table.Th key={head[at]} scope="row" fw={400} style={{ verticalAlign: 'top' }}>
                  {cell}
                </Table.Th>
              ) : (
                <Table.Td
                  key={head[at]}
                  className={at < words ? 'words' : 'numeric'}
                  data-title={head[at]}
                  style={{ verticalAlign: 'top' }}
                >
                  {cell}
                </Table.Td>
              ),
            )}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </FigureTable>
  )
}
