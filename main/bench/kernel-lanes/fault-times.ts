import type { MEMORY_KINDS } from '../../../native-bench/index.ts'
import type { KernelLane } from '../../contract/index.ts'
import { Histogram, type HistogramData, mergeHistograms, totalCount } from '../measure/histogram.ts'

type Kind = (typeof MEMORY_KINDS)[number]

/** Faults whose tier was not asked for. */
const UNTOLD = 'untold'

/** What the accesses of a trial turned out to be, and how long each fault took, by the tier that answered. */
export class FaultTimes {
  private readonly swapTier: 'fault.pool.ns' | 'fault.disk.ns'
  private readonly histograms = new Map<string, Histogram>()
  /** Page-outs that the model asked for. */
  readonly pageouts = new Histogram()
  /** Over the whole trial. */
  firstTouches = 0
  fromSwapCache = 0

  constructor(lane: KernelLane) {
    // To the kernel zram is a disk.
    this.swapTier = lane.lane === 'kernel-zram' ? 'fault.pool.ns' : 'fault.disk.ns'
  }

  record(kind: Kind, ns: number): void {
    if (kind === 'paged-out') this.pageouts.record(ns)
    if (kind === 'first-touch') this.firstTouches++
    if (kind === 'swap-cache') this.fromSwapCache++
    const name = this.histogramFor(kind)
    if (name === null) return
    let histogram = this.histograms.get(name)
    if (!histogram) {
      histogram = new Histogram()
      this.histograms.set(name, histogram)
    }
    histogram.record(ns)
  }

  /** The measured part begins. */
  clear(): void {
    this.histograms.clear()
    this.pageouts.clear()
  }

  /**
   * Faults by tier, and all of them. What was not told by tier has a tier all the same where only one of them answered.
   * @param counters the kernel's, over the same time
   */
  data(counters: Record<string, number>): Record<string, HistogramData> {
    const data = Object.fromEntries([...this.histograms].map(([name, histogram]) => [name, histogram.toData()]))
    const all = mergeHistograms(Object.values(data))
    const untold = data[UNTOLD]
    delete data[UNTOLD]
    const tiers = (
      [
        ['zswpin', 'fault.pool.ns'],
        ['pswpin', this.swapTier],
        ['swpin_zero', 'fault.zeromap.ns'],
      ] as const
    ).filter(([counter]) => (counters[counter] ?? 0) > 0)
    if (untold && tiers.length === 1) data[tiers[0][1]] = untold
    if (totalCount(all) > 0) data['fault.ns'] = all
    return data
  }

  /** Null: no page was missing (a permission was, or nothing at all). */
  private histogramFor(kind: Kind): string | null {
    switch (kind) {
      case 'hit':
      case 'freed':
      case 'write-protect':
      case 'paged-out':
        return null
      case 'first-touch':
        return 'fault.zero.ns'
      case 'swap-cache':
        return 'fault.swapcache.ns'
      case 'zswap':
        return 'fault.pool.ns'
      case 'swap':
        return this.swapTier
      case 'zero-map':
        return 'fault.zeromap.ns'
      case 'swapped-in':
        return UNTOLD
    }
  }
}
