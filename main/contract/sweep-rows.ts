import { pointValues, type SweepAxis, type SweepDocument, type SweepPoint } from './sweep.ts'

/** The outcomes of a sweep in rows, one for each lane of each point, and what of them is the same. */

export interface SweepRow {
  point: SweepPoint
  /** One for each axis. */
  values: readonly SweepAxis['values'][number][]
  /** Place of the lane in the specification, 0-based. */
  lane: number
  label: string
  trials: number
  metrics: Readonly<Record<string, number>>
  /** It stands for every value of the axes that do not bear on its lane. */
  everywhere?: true
}

/** By point, then by lane. */
export function sweepRows({ sweep, points }: Pick<SweepDocument, 'sweep' | 'points'>): SweepRow[] {
  return points.flatMap((point) => {
    const values = pointValues(sweep.axes, point.position)
    return point.lanes.map((lane, index) => ({ point, values, lane: index, ...lane }))
  })
}

/** Place of the lane that a field is of, 0-based; null where it is of none, or of all. */
export function laneOfField(field: string): number | null {
  const [, place] = /^lanes\.(\d+)(?:\.|$)/.exec(field) ?? []
  return place === undefined ? null : Number(place)
}

/** What another lane varies changes nothing in this one. */
export function bearsOn({ field }: Pick<SweepAxis, 'field'>, lane: number): boolean {
  const of = laneOfField(field)
  return of === null || of === lane
}

/** Rows that tell the same of the same lane, once: those that differ only in what bears on other lanes. */
export function distinctRows(rows: readonly SweepRow[], axes: readonly SweepAxis[]): SweepRow[] {
  const setting = ({ lane, values }: SweepRow) =>
    JSON.stringify([lane, ...values.map((value, axis) => (bearsOn(axes[axis], lane) ? value : null))])
  return [...Map.groupBy(rows, setting).values()].flatMap((same) =>
    same.length > 1 && same.every((row) => alike(row, same[0])) ? [{ ...same[0], everywhere: true as const }] : same,
  )
}

const alike = ({ label, metrics }: SweepRow, other: SweepRow): boolean =>
  label === other.label && Object.entries(metrics).every(([name, value]) => value === other.metrics[name])

/** Whether a row stands for every value of an axis. */
export const standsForAll = (row: SweepRow, axis: Pick<SweepAxis, 'field'>): boolean =>
  row.everywhere === true && !bearsOn(axis, row.lane)
