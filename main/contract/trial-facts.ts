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

export const TrialFacts = z.object({
  invalid: z.string().optional().describe('why the trial is no measurement of its lane, in one sentence'),
  load: LoadFacts.optional().describe('open loop only'),
  steady: SteadyFacts.optional(),
})
export type TrialFacts = z.infer<typeof TrialFacts>
