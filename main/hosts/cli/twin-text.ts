import type { Twin, TwinFigure, TwinRow } from '../../contract/index.ts'
import type { Readable } from './open-client.ts'
import { table } from './table.ts'

/** What the engine's zswap predicted beside what the kernel's did, for a terminal. */
export function twinText(twin: Twin, readable: Readable): string {
  const { model, kernel, compares, differences, rows } = twin
  const what =
    compares === 'zswap'
      ? 'zswap is compared: the kernel was given the evictions of the model, one by one'
      : 'zswap and reclaim are compared: the kernel chose by itself what to evict'
  return [
    `Twin: "${model}" beside "${kernel}"; ${what}. Medians, with the smallest and the largest trial.`,
    table(
      ['', 'model', 'kernel', 'deviation'],
      rows
        .filter((row) => row.model !== null || row.kernel !== null)
        .map((row) => [row.title, cell(row, row.model, readable), cell(row, row.kernel, readable), deviation(row)]),
      [1, 2, 3],
    ),
    ...differences.map((difference) => `Not the same: ${difference}.`),
  ].join('\n')
}

function cell({ unit }: TwinRow, figure: TwinFigure | null, { readableMetric }: Readable): string {
  if (!figure) return '–'
  const { median, low, high } = figure
  const one = (value: number) => (unit === 'pages' ? String(Math.round(value)) : readableMetric(value, unit))
  return low === high ? one(median) : `${one(median)} (${one(low)} … ${one(high)})`
}

function deviation({ deviation: share }: TwinRow): string {
  return share === null ? '–' : `${share < 0 ? '−' : '+'}${Math.abs(share * 100).toFixed(1)} %`
}
