import { pointValues, type SweepDocument, type SweepPoint, type SweepRow } from '../../../main/contract/index.ts'
import { type AxisValue, valueText } from '../../format/sweep-axis.ts'

/** RFC 4180; a leading = + - @ would be a formula to a spreadsheet, so text that begins so is quoted with an apostrophe. */
function cell(value: string | number): string {
  if (typeof value === 'number') return String(value)
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

const written = (value: AxisValue): string | number => (typeof value === 'number' ? value : valueText(value))

/** Rows with every metric in its own unit (ns, bytes, per second), then the points that failed with their reason. */
export function csvOf(
  { sweep, metrics }: SweepDocument,
  rows: readonly SweepRow[],
  failed: readonly SweepPoint[],
): string {
  const names = Object.keys(metrics).sort()
  const lines: (string | number)[][] = [
    [...sweep.axes.map(({ field }) => field), 'mode', 'lane', 'trials', ...names, 'fault'],
    ...rows.map(({ values, label, trials, metrics: figures }) => [
      ...values.map(written),
      'simulate',
      label,
      trials,
      ...names.map((name) => figures[name] ?? ''),
      '',
    ]),
    ...failed.map(({ position, fault }) => [
      ...pointValues(sweep.axes, position).map(written),
      'simulate',
      '',
      '',
      ...names.map(() => ''),
      fault?.message ?? '',
    ]),
  ]
  return lines.map((line) => `${line.map(cell).join(',')}\r\n`).join('')
}
