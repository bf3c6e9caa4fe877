import { useSyncExternalStore } from 'react'
import { z } from 'zod'
import type { SweepAxis, SweepField } from '../../../main/contract/index.ts'
import { offerUndo } from '../../shell/offer-undo.tsx'
import { textOf } from './field-choices.ts'

/** The fields and values being written on the New sweep page. Outlive navigation and reloads, as the draft of the experiment does. */
const VaryRow = z.object({
  /** Tells rows apart while they are typed. */
  id: z.int(),
  field: z.string(),
  values: z.string(),
})
export type VaryRow = z.infer<typeof VaryRow>

/** As the contract has it. */
export const MOST_ROWS = 8
const STORAGE_KEY = 'swaplab.sweep.1'
const UNTOUCHED: readonly VaryRow[] = [{ id: 0, field: '', values: '' }]

function stored(): readonly VaryRow[] {
  try {
    const rows = z
      .array(VaryRow)
      .min(1)
      .max(MOST_ROWS)
      .safeParse(JSON.parse(localStorage.getItem(STORAGE_KEY) ?? 'null'))
    if (rows.success) return rows.data
  } catch (error) {
    console.warn('what was varied in the last window could not be read', error)
  }
  return UNTOUCHED
}

let rows = stored()
const listeners = new Set<() => void>()

function become(next: readonly VaryRow[]): void {
  rows = next
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify(rows))
  } catch (error) {
    console.warn('what is varied lives only as long as this window', error)
  }
  for (const listener of listeners) listener()
}

export function useVaryRows(): readonly VaryRow[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    () => rows,
  )
}

export function changeRow(id: number, change: Partial<SweepField>): void {
  become(rows.map((row) => (row.id === id ? { ...row, ...change } : row)))
}

/** @returns the id of the new row */
export function addRow(): number {
  const id = 1 + Math.max(...rows.map((row) => row.id))
  become([...rows, { id, field: '', values: '' }])
  return id
}

/** The last one is emptied instead. */
export function removeRow(id: number): void {
  const others = rows.filter((row) => row.id !== id)
  become(others.length > 0 ? others : UNTOUCHED)
}

/** Puts what a sweep varied in place of what is being written, which can be brought back. */
export function replaceRows(axes: readonly SweepAxis[]): void {
  const before = rows
  become(axes.map(({ field, values }, id) => ({ id, field, values: textOf(values) })))
  const named = before.flatMap(({ field }) => (field === '' ? [] : [field]))
  if (named.length > 0)
    offerUndo({
      id: 'sweep-replaced',
      title: 'Another sweep is in the form',
      what: `What was varied: ${named.join(', ')}`,
      undo: () => become(before),
    })
}
