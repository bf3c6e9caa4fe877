import type { Calibration } from '../../contract/index.ts'
import type { MmMeters, Recorder } from '../../mm/index.ts'
import { median } from '../measure/median.ts'
import type { VirtualClock } from './virtual-clock.ts'

/**
 * What the engine's own code costs on the reference machine (2 vCPU AMD EPYC at 2.6 GHz, 23 Nov 2026), ns. A model has to be
 * told: its own code takes no virtual time.
 *
 * Not charged, because no figure is known for each alone: list scanning and slot allocation of reclaim, and the submission of a
 * batch to io_uring. A simulated run is that much too quick.
 */

/** An access to a resident page with the generator of the access: a measured run in which everything fits. */
export const HIT_NS = 100
/** A fault that does nothing, its first look at the clock included: the observer's null lane (195) less its load (54). */
const FAULT_NS = 141
/**
 * Looking whether a page is one repeated word, and filling a frame with it again: pageSameFilled and samePages' restore in random order
 * over 16 MiB of pages that no cache holds. Most pages are settled by their last word.
 */
export const SAME_DIFFERS_NS = 140
export const SAME_FILLED_NS = 450
export const SAME_RESTORE_NS = 310

/** What the engine adds to its codec, ns. */
export interface EngineCosts {
  storeNs: number
  loadNs: number
  /** Where the figures come from. */
  label: string
}

/** The reference machine's: as of a calibration, the median of three on the quiet machine (25 Nov 2026, `swaplab calibrate --no-disk`). */
const REFERENCE: EngineCosts = { storeNs: 496, loadNs: 156, label: 'of the reference machine' }

/**
 * The reference figures; with a calibration that has codecs, its own: storeNs - rawCompressNs and loadNs - rawDecompressNs, each the median over
 * its codecs, because what the engine does is the same for all of them.
 */
export function engineCosts(calibration: Pick<Calibration, 'codecs' | 'host'> | null): EngineCosts {
  if (!calibration || calibration.codecs.length === 0) return REFERENCE
  const added = (ns: (row: Calibration['codecs'][number]) => number) =>
    Math.max(0, Math.round(median(calibration.codecs.map(ns))))
  return {
    storeNs: added((row) => row.storeNs - row.rawCompressNs),
    loadNs: added((row) => row.loadNs - row.rawDecompressNs),
    label: `as calibrated on ${calibration.host.hostname}`,
  }
}

/** Adds what an operation would have cost the engine, on the clock and on the value, before it is recorded. */
class CostedRecorder implements Recorder {
  private readonly clock: VirtualClock
  private readonly costNs: number
  private readonly target: Recorder

  constructor(clock: VirtualClock, costNs: number, target: Recorder) {
    this.clock = clock
    this.costNs = costNs
    this.target = target
  }

  record(ns: number): void {
    this.clock.advance(this.costNs)
    this.target.record(ns + this.costNs)
  }
}

/** mm's recorders, with the engine's own cost charged as each operation ends, so inside whatever it is a part of. */
export function costedRecorders(clock: VirtualClock, { storeNs, loadNs }: EngineCosts, mm: MmMeters): MmMeters {
  const costed = (costNs: number, target: Recorder) => new CostedRecorder(clock, costNs, target)
  return {
    faults: mm.faults.map((target) => costed(FAULT_NS, target)),
    store: costed(storeNs, mm.store),
    reject: costed(storeNs, mm.reject),
    load: costed(loadNs, mm.load),
    take: costed(loadNs, mm.take),
    // The same road through tmem, allocator and codec as a store and a load.
    cleancachePut: costed(storeNs, mm.cleancachePut),
    cleancacheGet: costed(loadNs, mm.cleancacheGet),
    refaultTime: mm.refaultTime,
    refaultDistance: mm.refaultDistance,
    directReclaim: costed(0, mm.directReclaim),
    backgroundReclaim: costed(0, mm.backgroundReclaim),
  }
}
