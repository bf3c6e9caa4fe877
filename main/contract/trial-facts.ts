import { z } from 'zod'

/** What a trial says of itself beside its metrics: whether it may be used, and under what conditions it was measured. */

/** Least share of the asked rate that must have been kept. */
export const HELD_SHARE = 0.99

/** How the rate of an open loop was kept over the measured part. Times are without checks of contents and turns of the event loop. */
export const LoadFacts = z.object({
  askedPerS: z
    .number()
    .describe(
      'accesses per second of the schedule as drawn: Poisson arrivals of n accesses differ from the rate by 1/√n',
    ),
  achievedPerS: z.number(),
  lateMaxNs: z.number().describe('furthest that an access began behind its intended start'),
  lateEndNs: z.number().describe('how far the last one did'),
})
export type LoadFacts = z.infer<typeof LoadFacts>

/** Whether the measured part of a trial came to rest, by the window rule of the SNIA PTS. */
export const SteadyFacts = z.object({
  reached: z.boolean(),
  fromRound: z.int().nullable().describe('first of the five rounds that keep the rule, from 1'),
  quantity: z.enum(['accesses.per_s', 'access.ns.mean']).describe('closed loop: throughput; open loop: mean response'),
  values: z.array(z.number()).describe('one for each round of equally many measured accesses'),
  reason: z.string().describe('one sentence with the figures it rests on'),
})
export type SteadyFacts = z.infer<typeof SteadyFacts>

/** What of the host is watched while a trial is measured, in the order it is told. */
export const SENSORS = {
  steal: { short: 'Steal', title: 'CPU time stolen by the hypervisor', unit: 'share' },
  foreignCpu: { short: 'Foreign CPU', title: 'CPU use by others, of all CPUs', unit: 'share' },
  foreignIo: { short: 'Foreign I/O', title: 'disk I/O by others', unit: 'bytes_per_s' },
  pressureCpu: { short: 'CPU pressure', title: 'time with somebody waiting for a CPU (PSI)', unit: 'share' },
  pressureMemory: { short: 'Memory pressure', title: 'time with somebody waiting for memory (PSI)', unit: 'share' },
  pressureIo: {
    short: 'I/O pressure',
    title: 'time with somebody waiting for I/O (PSI), our own included',
    unit: 'share',
  },
  temperature: { short: 'Temperature', title: 'highest temperature', unit: 'celsius' },
  frequency: { short: 'CPU clock', title: 'lowest CPU clock', unit: 'mhz' },
  memoryAvailable: { short: 'Memory left', title: 'least available memory', unit: 'bytes' },
} as const satisfies Record<string, { short: string; title: string; unit: string }>
export type SensorName = keyof typeof SENSORS
export const SENSOR_NAMES = Object.keys(SENSORS) as readonly SensorName[]

/** Over the measured part of a trial; a sensor the host does not show is absent. */
export const SensorReadings = z.object({
  steal: z.number().optional(),
  foreignCpu: z.number().optional(),
  foreignIo: z.number().optional(),
  pressureCpu: z.number().optional(),
  pressureMemory: z.number().optional(),
  pressureIo: z.number().optional(),
  temperature: z.number().optional(),
  frequency: z.number().optional(),
  memoryAvailable: z.number().optional(),
}) satisfies z.ZodType<Partial<Record<SensorName, number>>>
export type SensorReadings = z.infer<typeof SensorReadings>

/** What a hook of a user's own policy took of the measured part, estimated from a sample of its calls. */
export const HookFacts = z.object({
  hook: z.string(),
  calls: z.int(),
  share: z.number().describe('of the time of the measured part'),
  p50Ns: z.number().nullable().describe('of one call; null where too few lie beyond'),
  p99Ns: z.number().nullable(),
})
export type HookFacts = z.infer<typeof HookFacts>

export const TrialFacts = z.object({
  invalid: z.string().optional().describe('why the trial is no measurement of its lane, in one sentence'),
  stoppedMs: z
    .number()
    .optional()
    .describe('how long the engine was stopped while it was measured; absent where that was less than 1 % of the time'),
  load: LoadFacts.optional().describe('open loop only'),
  steady: SteadyFacts.optional(),
  cumulChunkCounts: z
    .array(z.int().min(0))
    .length(64)
    .optional()
    .describe(
      "zcache2's cumul_chunk_counts over the measured part: swap pages stored, by the chunks of 64 bytes that each took with its handle; absent where the pool is no zbud of zcache",
    ),
  hooks: z
    .array(HookFacts)
    .optional()
    .describe(
      "those that were called, what took most first; absent unless the policy is a user's own and was measured",
    ),
  sensors: SensorReadings.optional().describe('the host, while the trial was measured'),
})
export type TrialFacts = z.infer<typeof TrialFacts>
