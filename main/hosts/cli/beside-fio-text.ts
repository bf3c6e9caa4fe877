import {
  type Calibration,
  countFioVerdicts,
  FIO_FIGURES,
  FIO_LIMITS,
  FIO_UNCLEAR,
  type FioComparison,
  fioIntervalWords,
  fioVerdictWords,
} from '../../contract/index.ts'
import { table } from './table.ts'

type DiskRow = Calibration['disk'][number]

/** How the disk was driven, in five columns. */
export const howOf = (row: DiskRow): string[] => [
  `${row.order} ${row.op}`,
  String(row.blockBytes / 1024),
  row.sync,
  row.io,
  String(row.queueDepth),
]

/** The rows that have fio beside them. */
export function besideFioText(disk: DiskRow[]): string {
  const compared = disk.flatMap((row) => (row.vsFio ? [{ row, vsFio: row.vsFio }] : []))
  const figure = (vsFio: FioComparison, name: (typeof FIO_FIGURES)[number]) => {
    const { low = null, high = null } = vsFio.judged?.[name] ?? {}
    return [vsFio[name].toFixed(3), low === null || high === null ? '–' : `${low.toFixed(3)} … ${high.toFixed(3)}`]
  }
  const { p50, p99, perSecond } = FIO_LIMITS
  return [
    `Ours ÷ fio's, in turns, with ${fioIntervalWords(disk)}. To hold: p50 ≤ ${p50}, p99 ≤ ${p99}, rate ≥ ${perSecond}.`,
    table(
      ['beside fio', 'KiB', 'sync', 'I/O', 'depth', 'turns', 'p50', '', 'p99', '', 'rate', '', ''],
      compared.map(({ row, vsFio }) => [
        ...howOf(row),
        String(vsFio.judged?.turns ?? '–'),
        ...FIO_FIGURES.flatMap((name) => figure(vsFio, name)),
        fioVerdictWords(vsFio) ?? '–',
      ]),
      [1, 4, 5, 6, 8, 10],
    ),
    `${countFioVerdicts(compared.map(({ row }) => row))}. ${FIO_UNCLEAR}`,
  ].join('\n')
}
