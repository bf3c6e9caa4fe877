import { Group, Text } from '@mantine/core'
import { IconCircleCheck, IconCircleX, IconHelpCircle } from '@tabler/icons-react'
import {
  type Calibration,
  countFioVerdicts,
  FIO_FIGURES,
  FIO_LIMITS,
  FIO_UNCLEAR,
  type FioComparison,
  type FioVerdict,
  fioIntervalWords,
  fioVerdictWords,
} from '../../../main/contract/index.ts'
import { ABSENT, formatCount, formatNs, formatRate } from '../../format/quantity.ts'
import { Part } from '../../shell/part.tsx'
import { Figures, over } from './figures.tsx'

type DiskRow = Calibration['disk'][number]

const whatOf = ({ op, order, blockBytes }: DiskRow): string => `${order} ${op}, ${blockBytes / 1024} KiB`
const howOf = ({ io, queueDepth, sync }: DiskRow): string =>
  `${io}, queue ${queueDepth}${sync === 'dsync' ? ', O_DSYNC' : ''}`

/** Every way to drive the disk; where fio was driven the same way, the ratio to it below each figure, and the verdict. */
export function DiskTable({ rows }: { rows: readonly DiskRow[] }) {
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
