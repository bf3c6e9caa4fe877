import { z } from 'zod'
import { Metric } from './run.ts'
import { Mode } from './spec.ts'

/** One metric of one lane in two runs. shift = (new - base) / base of the medians; low..high its 95 % bootstrap interval. */
export const ComparedMetric = z.object({
  lane: z.string(),
  metric: z.string(),
  unit: Metric.shape.unit,
  base: z.number(),
  new: z.number(),
  shift: z.number().nullable().describe('null where base is 0, between two lanes also where a value is'),
  low: z.number().nullable(),
  high: z.number().nullable(),
  cliffsDelta: z.number(),
  p: z.number(),
  pAdjusted: z.number().describe('Benjamini-Hochberg over the metrics of this comparison'),
  verdict: z.enum(['different', 'same', 'unknown']),
  better: Metric.shape.better,
  n: z.object({ base: z.int(), new: z.int() }),
  detectable: z
    .number()
    .nullable()
    .describe(
      'smallest change this comparison shows as different in 4 of 5 experiments, as a share; null without interval',
    ),
})
export type ComparedMetric = z.infer<typeof ComparedMetric>

/** A run in a comparison. */
const Side = z.object({ id: z.string(), name: z.string(), mode: Mode })

export const GateResult = z.object({
  gate: z.string(),
  newRun: z.string().describe('empty where no run has the metric'),
  lane: z.string(),
  metric: z.string(),
  shift: z.number().nullable(),
  broken: z.boolean(),
  reason: z.string(),
})
export type GateResult = z.infer<typeof GateResult>

/** Two lanes of one run, whose trials stand side by side in blocks: shifts are those of the ratio within a block. */
export const LaneComparison = z.object({
  run: Side,
  lanes: z.array(z.string()).describe('labels to choose from'),
  base: z.string(),
  new: z.string(),
  warnings: z.array(z.string()),
  metrics: z.array(ComparedMetric),
  gates: z.array(GateResult),
})
export type LaneComparison = z.infer<typeof LaneComparison>

/** Runs that are compared with one base at once. */
export const MOST_NEW_RUNS = 20

export const Comparison = z.object({
  base: Side,
  new: z.array(Side),
  warnings: z.array(z.string()).describe('e.g. other host, other specification'),
  metrics: z.array(ComparedMetric.extend({ newRun: z.string() })),
  gates: z.array(GateResult),
})
export type Comparison = z.infer<typeof Comparison>
