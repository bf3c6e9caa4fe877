import { VMSTAT_COUNTERS } from '../../../native-bench/index.ts'

type Counter = (typeof VMSTAT_COUNTERS)[number]

/** What one counter grew by between two readings of memoryVmstat; 0 where this kernel has none of that name. */
export function grown(from: Float64Array, to: Float64Array, name: Counter): number {
  const index = VMSTAT_COUNTERS.indexOf(name)
  return Math.max(0, to[index] - from[index])
}

/** All of them by name; a counter this kernel does not have is left out. */
export function countersBetween(from: Float64Array, to: Float64Array): Record<string, number> {
  return Object.fromEntries(
    VMSTAT_COUNTERS.flatMap((name, index) => (to[index] < 0 ? [] : [[name, grown(from, to, name)]])),
  )
}
