import type { ExperimentSpec } from '../contract/index.ts'
import { logGeometry } from '../swapfile/index.ts'
import { fileAreas, Random } from './workloads/index.ts'

/** What a specification comes to before anything is carried out. */

/** Slots beyond one for each page: those whose last write is still under way when a page wants another. */
const SPARE_SLOTS = 4096
/** Random stream of the trial order; 1 and 2 are the accesses' and the contents'. */
const ORDER_RANDOM = 3

/**
 * The order in which trials are carried out: blocks in which each lane comes once, each block shuffled, so that heat and
 * background load hit all lanes alike. Blocks that are added later continue the same sequence of one seed.
 */
export class BlockOrder {
  private readonly random: Random

  constructor(seed: number) {
    this.random = new Random(seed, ORDER_RANDOM)
  }

  /** The next block, of these lanes. */
  next(lanes: readonly number[]): number[] {
    return this.random.shuffle([...lanes])
  }
}

/** Lanes in the order of the planned trials. */
export function trialOrder(lanes: number, trials: number, seed: number): number[] {
  const blocks = new BlockOrder(seed)
  const all = Array.from({ length: lanes }, (_, lane) => lane)
  return Array.from({ length: trials }, () => blocks.next(all)).flat()
}

/** Pages on disk an experiment needs: the swap file and, where part of the workload is file-backed, the mapped file, with their headers. */
export function diskPagesFor(spec: ExperimentSpec): number {
  const mapped = fileAreas(spec.workload.pages, spec.workload.file.share)
  return placesFor(spec) + 1 + (mapped ? mapped.vpnOf.length + 1 : 0)
}

/** Slots of an experiment: pages its swap area must be able to hold. */
export function slotsFor(spec: ExperimentSpec): number {
  return spec.workload.pages + Math.min(SPARE_SLOTS, spec.memory.frames)
}

/** Pages of the swap file of an experiment: its slots, and what a log needs beyond. */
export function placesFor(spec: ExperimentSpec): number {
  const { layout, overprovision } = spec.swapfile
  return layout === 'slot' ? slotsFor(spec) : logGeometry(slotsFor(spec), overprovision).places
}
