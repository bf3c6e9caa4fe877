import { z } from 'zod'

/** The cost of looking: what is left of an operation when it has nothing to do. Median ns. */
export const Observer = z.object({
  clockNs: z.number().describe('the clock as JavaScript reads it'),
  nullFaultNs: z.number(),
  nullStoreNs: z.number(),
  nullLoadNs: z.number().optional().describe('absent in runs of older versions, as the next'),
  nullIoNs: z.number().optional().describe('one page written to /dev/null; absent where there is none'),
})
export type Observer = z.infer<typeof Observer>

/** Name and ns of each, for a person; those that an older version did not measure are left out. */
export function observerFigures(observer: Observer): [string, number][] {
  const { clockNs, nullFaultNs, nullStoreNs, nullLoadNs, nullIoNs } = observer
  return [
    ['clock', clockNs],
    ['fault', nullFaultNs],
    ['store', nullStoreNs],
    ...(nullLoadNs === undefined ? [] : [['load', nullLoadNs] satisfies [string, number]]),
    ...(nullIoNs === undefined ? [] : [['I/O', nullIoNs] satisfies [string, number]]),
  ]
}
