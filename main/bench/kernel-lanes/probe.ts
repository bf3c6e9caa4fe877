import type { MeasuringProcess } from '../../kernel/index.ts'
import { type HistogramData, histogramOf } from '../measure/histogram.ts'
import { Random } from '../workloads/index.ts'
import { type KernelTrialSetup, mismatch } from './setup.ts'

/** Pages of a probe, and pages of zeros beside them. */
const PROBE_PAGES = 1024
export const ZERO_PAGES = 512
/** Stream number of the order in which probed pages are loaded; 1 to 4 are the workload's and the trial order's. */
const PROBE_RANDOM = 5

/**
 * What one page out and one page in cost, and the same for pages of zeros, which need no codec and no disk: the way itself.
 * @returns the number of pages compared, and store.ns, load.ns, path.store.ns, path.load.ns
 * @throws LabError mismatch, engine_died
 */
export async function probe(
  { spec, lane, helper }: KernelTrialSetup,
  measuring: MeasuringProcess,
): Promise<{ verified: number; histograms: Record<string, HistogramData> }> {
  const random = new Random(spec.seed, PROBE_RANDOM)
  const every = Math.max(1, Math.floor(spec.workload.pages / PROBE_PAGES))
  const vpns = Array.from({ length: Math.min(PROBE_PAGES, spec.workload.pages) }, (_, index) => index * every)
  const stores = await measuring.ask({ kind: 'store', vpns: Uint32Array.from(vpns) })
  // Written pages stay in the swap cache until they are dropped; the touch would read nothing.
  if (lane.lane === 'kernel-swap') await helper.drop()
  const loads = await measuring.ask({ kind: 'load', vpns: Uint32Array.from(random.shuffle(vpns)) })
  if (loads.mismatch >= 0) throw mismatch(loads.mismatch, lane)
  const path = await measuring.ask({ kind: 'path' })
  return {
    verified: vpns.length,
    histograms: {
      'store.ns': histogramOf(stores.latencies),
      'load.ns': histogramOf(loads.latencies),
      'path.store.ns': histogramOf(path.stores),
      'path.load.ns': histogramOf(path.loads),
    },
  }
}
