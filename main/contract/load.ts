import { z } from 'zod'
import { count } from './lane-fields.ts'

/** When the accesses of a trial begin: a closed loop asks what the memory can do, an open loop what it feels like at a rate. */

export const OpenLoad = z.strictObject({
  kind: z.literal('open'),
  rate: count(1, 10_000_000).default(20_000).meta({
    title: 'Rate',
    unit: 'accesses per second',
    help: 'accesses begin at this rate, whatever the lane makes of it',
  }),
  arrivals: z.enum(['uniform', 'poisson']).default('poisson').meta({
    title: 'Arrivals',
    help: 'poisson: independent of each other, as from many users; uniform: evenly spaced; both from the seed',
  }),
})
export type OpenLoad = z.infer<typeof OpenLoad>

export const LoadSpec = z
  .discriminatedUnion('kind', [z.strictObject({ kind: z.literal('closed') }), OpenLoad])
  .prefault({ kind: 'closed' })
  .meta({
    title: 'Load',
    help: 'closed: the next access begins when the last has ended, for throughput; open: accesses begin at a given rate, for latency',
  })
export type LoadSpec = z.infer<typeof LoadSpec>
