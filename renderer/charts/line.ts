import type { PointShape } from '../lane-colour.ts'
import type { Point } from './decimate.ts'

/** What a line chart is given: its lines, and what its axes mean. */

export interface LinePoint extends Point {
  /** Warm-up: drawn grey, never mixed in. */
  warmup?: boolean
}
export interface Line {
  name: string
  colour: string
  dash: readonly number[]
  point?: PointShape
  points: readonly LinePoint[]
  /** Every point is a sample of its own, and drawn as one. */
  marks?: boolean
  /** No line: a ring around each point, over the others. */
  ring?: boolean
  /** No line: the area from `points` up to these. */
  to?: readonly LinePoint[]
}
export interface Axis {
  kind: 'linear' | 'log'
  title: string
  /** A tick's label, in one or more lines. */
  format: (value: number) => string
  /** As a tooltip says it, where the ticks leave the unit to the title. */
  inTip?: (value: number) => string
  min?: number
  max?: number
  /** Bytes: ticks at round KiB, MiB, …; linear axes that start at 0 only. */
  binary?: boolean
  /** From the least value to the greatest, not from 0: where a change of a percent must be seen. */
  tight?: boolean
  /** Ticks at whole numbers alone: what is counted has nothing between them. */
  whole?: boolean
  /** Exact places of the ticks; else the chart chooses. */
  ticks?: readonly number[]
  /** Only some of it is shown, perhaps less than a decade. */
  part?: boolean
  /** Places have names instead of figures: told as they are, and turned where they do not fit beside one another. */
  named?: boolean
  /** `ticks` that do not fit beside one another are left out. Otherwise they do fit. */
  crowded?: boolean
}
