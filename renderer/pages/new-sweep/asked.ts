import type { LabFault, SweepField } from '../../../main/contract/index.ts'
import type { VaryRow } from './sweep-draft.ts'

/** What is asked of the lab, and where its answer belongs. */

/** A row that is half written is a row still being written; an empty one is none. */
export function sortRows(rows: readonly VaryRow[]): { whole: readonly VaryRow[]; half: readonly VaryRow[] } {
  const parts = ({ field, values }: VaryRow) => Number(field.trim() !== '') + Number(values.trim() !== '')
  return { whole: rows.filter((row) => parts(row) === 2), half: rows.filter((row) => parts(row) === 1) }
}

export const varyOf = (rows: readonly VaryRow[]): SweepField[] =>
  rows.map(({ field, values }) => ({ field: field.trim(), values: values.trim() }))

export type Place = { at: 'row'; id: number; part: 'field' | 'values' } | { at: 'spec'; field: string } | { at: 'none' }

/** Where a fault is to be shown: at the row it names, at the row that varies the field it names, or at the specification. */
export function placeOf({ field }: LabFault, asked: readonly VaryRow[]): Place {
  if (field === undefined || field === 'vary') return { at: 'none' }
  const [, index, part] = /^vary\.(\d+)\.(field|values)$/.exec(field) ?? []
  const named = index === undefined ? undefined : asked[Number(index)]
  if (named) return { at: 'row', id: named.id, part: part === 'field' ? 'field' : 'values' }
  const varied = asked.find((row) => field === row.field.trim() || field.startsWith(`${row.field.trim()}.`))
  return varied ? { at: 'row', id: varied.id, part: 'values' } : { at: 'spec', field }
}
