import { z } from 'zod'
import { LabError, LabFault } from './errors.ts'
import { Metric } from './run.ts'

/**
 * A sweep: one specification with some of its fields varied. Every combination of the values is a point, which is simulated, never measured.
 * What looks best here is for a run to confirm on the disk.
 */

/** Points of one sweep, at most: more are a mistake sooner than a wish. */
export const MOST_POINTS = 10_000

/** A field and its values, as a person writes them. */
export const SweepField = z.object({
  field: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .describe('dotted path in the specification, e.g. memory.pool, lanes.1.policy'),
  values: z.string().trim().min(1).max(100_000).describe('YAML, parted by commas, e.g. 1024, 2048'),
})
export type SweepField = z.infer<typeof SweepField>

export const SweepRequest = z.object({
  spec: z.unknown().describe('as for a run; its mode becomes simulate'),
  vary: z.array(SweepField).min(1).max(8),
})

export const SweepAxis = z.object({ field: z.string(), values: z.array(z.json()) })
export type SweepAxis = z.infer<typeof SweepAxis>

export const SweepStatus = z.enum(['queued', 'running', 'done', 'failed', 'cancelled', 'interrupted'])
export type SweepStatus = z.infer<typeof SweepStatus>

export const SweepSummary = z.object({
  id: z.string(),
  name: z.string(),
  status: SweepStatus,
  axes: z.array(SweepAxis),
  lanes: z.array(z.string()).describe('labels in the specification before anything is varied'),
  points: z.int(),
  done: z.int().describe('points with an outcome, which may be a fault'),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  fault: LabFault.nullable(),
})
export type SweepSummary = z.infer<typeof SweepSummary>

export const SweepState = SweepSummary.extend({
  waitingFor: z.string().nullable().describe('what measures on this host while the sweep is queued, e.g. "run 2026…"'),
  elapsedMs: z.number().nullable().describe('since its turn came; null while it is queued and after its end'),
  etaMs: z.number().nullable().describe('time left at the pace of the points simulated so far; null before the first'),
})
export type SweepState = z.infer<typeof SweepState>

/** `lanes` are those of the specification, in its order; empty where the point failed. Figures are medians over the trials of a lane. */
export const SweepPoint = z.object({
  position: z.int().describe('0-based; the last axis varies fastest'),
  lanes: z.array(z.object({ label: z.string(), trials: z.int(), metrics: z.record(z.string(), z.number()) })),
  fault: LabFault.nullable(),
})
export type SweepPoint = z.infer<typeof SweepPoint>

export const SweepDocument = z.object({
  sweep: SweepSummary,
  spec: z.record(z.string(), z.json()).describe('as it was asked for, before anything is varied; mode: simulate'),
  points: z.array(SweepPoint).describe('those with an outcome, by position'),
  metrics: z
    .record(z.string(), Metric.pick({ unit: true, better: true }))
    .describe('every metric of the points, by its name'),
})
export type SweepDocument = z.infer<typeof SweepDocument>

/** Points of these axes. */
export function sweepSize(axes: readonly Pick<SweepAxis, 'values'>[]): number {
  return axes.reduce((points, { values }) => points * values.length, 1)
}

/** The values of a point, one for each axis. @param position 0 … sweepSize(axes) - 1 */
export function pointValues(axes: readonly SweepAxis[], position: number): SweepAxis['values'] {
  const values: SweepAxis['values'] = []
  let rest = position
  for (const axis of axes.toReversed()) {
    values.unshift(axis.values[rest % axis.values.length])
    rest = Math.floor(rest / axis.values.length)
  }
  return values
}

/** For sorting, the better figure first and what is missing last. */
export function betterFirst(a: number | undefined, b: number | undefined, which: Metric['better'] | undefined): number {
  if (a === undefined || b === undefined) return (a === undefined ? 1 : 0) - (b === undefined ? 1 : 0)
  return which === 'lower' ? a - b : b - a
}

/** The specification of a point, as it was written: whether it is valid is parseSpec's to say. @throws LabError `bad_input` as withField */
export function pointSpec(spec: unknown, axes: readonly SweepAxis[], position: number): unknown {
  return pointValues(axes, position).reduce<unknown>((all, value, at) => withField(all, axes[at].field, value), spec)
}

/**
 * A copy of a specification with one field replaced, named by its dotted path: `workload.pages`, `lanes.1.codec`.
 * @throws LabError `bad_input` for a path that leads nowhere
 */
export function withField(spec: unknown, field: string, value: unknown): unknown {
  const path = field.split('.')
  if (path.some((key) => key === '' || key === '__proto__'))
    throw nowhere(field, 'it is no path', 'Write e.g. workload.pages or lanes.0.codec.')
  return replaced(spec, path, value, field)
}

function replaced(node: unknown, path: readonly string[], value: unknown, field: string): unknown {
  const [key, ...rest] = path
  if (key === undefined) return value
  if (Array.isArray(node)) {
    const index = Number(key)
    if (!Number.isInteger(index) || index < 0 || index > node.length)
      throw nowhere(
        field,
        `"${key}" is no place in a list of ${node.length}`,
        `Places are 0 to ${node.length - 1}; ${node.length} adds one.`,
      )
    const copy = [...node]
    copy[index] = replaced(node[index], rest, value, field)
    return copy
  }
  if (node !== undefined && (node === null || typeof node !== 'object'))
    throw nowhere(field, `there is nothing below "${key}"`, '"swaplab presets --json" shows the fields.')
  const entries = Object.entries(node ?? {})
  const child = entries.find(([name]) => name === key)?.[1]
  return Object.fromEntries([...entries.filter(([name]) => name !== key), [key, replaced(child, rest, value, field)]])
}

function nowhere(field: string, why: string, remedy: string): LabError {
  return new LabError({ code: 'bad_input', field, message: `There is no field "${field}": ${why}.`, remedy })
}
