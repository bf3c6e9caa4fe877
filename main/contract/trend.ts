import { z } from 'zod'
import { Metric } from './run.ts'
import { Mode } from './spec.ts'

/** One metric of one lane over the finished runs of an experiment on a host, with the steps in it. */

const TrendPoint = z.object({
  run: z.string(),
  startedAt: z.iso.datetime(),
  version: z.string().describe('of Swaplab'),
  kernel: z.string(),
  firmware: z.string().nullable().describe('of the disk; null where it is not known'),
  changed: z
    .array(z.string())
    .describe('conditions that are other than at the point before, e.g. "kernel 6.1.0 → 6.12.0"'),
  median: z.number(),
  low: z.number().nullable().describe('95 % bootstrap interval of the median; null where n < 3'),
  high: z.number().nullable(),
  n: z.int().describe('trials'),
})
export type TrendPoint = z.infer<typeof TrendPoint>

const TrendStep = z.object({
  index: z.int().describe('into points: the first of the new level'),
  before: z.number().describe('median of the points back to the step before'),
  after: z.number().describe('median of the points up to the step after'),
  shift: z.number().nullable().describe('(after - before) / before; null where before is 0'),
  changed: z.array(z.string()).describe('that of its first point'),
})
export type TrendStep = z.infer<typeof TrendStep>

export const Trend = z.object({
  experimentHash: z.string(),
  name: z.string().describe('of the run that was asked about'),
  mode: Mode.describe('of all its runs: a simulated experiment is another than the measured one'),
  hostId: z.string(),
  hostname: z.string(),
  lanes: z.array(z.string()).describe('labels to choose from'),
  lane: z.string(),
  metrics: z.array(z.string()).describe('names to choose from'),
  metric: z.string(),
  unit: Metric.shape.unit,
  better: Metric.shape.better,
  runs: z.int().describe('finished runs of this experiment on this host'),
  points: z.array(TrendPoint).describe('oldest first; at most the newest 2000'),
  steps: z.array(TrendStep),
  smallest: z
    .number()
    .nullable()
    .describe('smallest step the series could show, as a share; null where it is too short'),
  reason: z.string().describe('what was found, or why nothing could be, in a sentence'),
  baseline: z.string().nullable().describe('the run that is pinned'),
})
export type Trend = z.infer<typeof Trend>
