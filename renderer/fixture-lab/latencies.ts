import { isCompressedLane, isKernelLane, type LaneSpec } from '../../main/contract/index.ts'

/** Made-up latencies, by the name of their metric. */
export const DISTRIBUTIONS: Record<string, { p50: number; count: number }> = {
  'fault.ns': { p50: 24_000, count: 62_000 },
  'fault.pool.ns': { p50: 6_200, count: 41_000 },
  'fault.disk.ns': { p50: 96_000, count: 19_000 },
  'fault.swapcache.ns': { p50: 900, count: 1_700 },
  'store.ns': { p50: 7_900, count: 50_000 },
  'load.ns': { p50: 2_100, count: 41_000 },
  'writeback.ns': { p50: 140_000, count: 12_000 },
  'fsync.ns': { p50: 1_300_000, count: 400 },
}

export function distributionsOf(lane: LaneSpec): readonly string[] {
  if (isKernelLane(lane)) return ['fault.ns']
  if (isCompressedLane(lane)) return Object.keys(DISTRIBUTIONS)
  return ['fault.ns', 'fault.disk.ns', 'fault.swapcache.ns', 'fsync.ns']
}

/** A lognormal-like shape with a heavy tail: value at a quantile, ns. */
export function valueAt(p50: number, quantile: number, lane: number): number {
  const odds = Math.log(quantile / (1 - quantile))
  return p50 * Math.exp(0.42 * odds) * (1 + lane * 0.12) * (lane === 0 ? 2.4 : 1)
}
