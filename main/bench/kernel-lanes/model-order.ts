import { type ExperimentSpec, SimulateSpec, type ZswapLane } from '../../contract/index.ts'
import { placesFor, slotsFor } from '../plan.ts'
import { CorpusPages } from '../simulate/corpus-pages.ts'
import { modelsFor } from '../simulate/models.ts'
import { SimulatedWorld } from '../simulate/simulated-world.ts'
import { type AccessObserver, runTrial, type TrialHooks } from '../trial/index.ts'
import type { Corpus } from '../workloads/index.ts'

/**
 * What the engine's zswap lane does to memory, access by access and eviction by eviction, for a kernel that is to do the same: a
 * simulated trial of the lane, written down. Where nothing depends on time, which is wherever nothing goes to disk, a measured trial
 * does exactly this.
 */

/** Rows are vpn << 2 | op as memoryReplay takes them: an access, or PAGE_OUT. */
export interface ModelOrder {
  populate: Uint32Array
  warmup: Uint32Array
  measure: Uint32Array
}

/** The op of a row that is an eviction (native-bench/addon.ts, memoryReplay). */
export const PAGE_OUT = 3

/** @throws LabError of the simulation; whatever hooks.tick throws */
export async function modelOrder(
  setup: { spec: ExperimentSpec; lane: ZswapLane; corpus: Corpus },
  hooks: TrialHooks,
): Promise<ModelOrder> {
  const { lane, corpus } = setup
  // The device decides nothing that is replayed, so long as nothing goes to it.
  const spec = { ...setup.spec, simulate: SimulateSpec.parse({}) }
  const models = modelsFor(spec, new CorpusPages(() => corpus))
  const { pages, operations } = spec.workload
  const written = new WrittenOrder([pages, pages + Math.floor(operations * spec.warmup)])
  await runTrial(
    {
      spec,
      lane,
      slots: slotsFor(spec),
      openWorld: (meters) =>
        new SimulatedWorld({ spec, lane, slots: placesFor(spec), models, luck: spec.seed, meters }),
      observer: written,
    },
    { tick: (_, fraction, reading) => hooks.tick('populate', fraction, reading) },
  )
  const [populate, warmup, measure] = written.parts()
  return { populate, warmup, measure }
}

class WrittenOrder implements AccessObserver {
  private rows = new Uint32Array(1 << 16)
  private length = 0
  private accesses = 0
  /** Accesses before which a new part begins. */
  private readonly borders: readonly number[]
  private readonly begins: number[] = []

  constructor(borders: readonly number[]) {
    this.borders = borders
  }

  access(vpn: number, op: number): void {
    while (this.accesses === this.borders[this.begins.length]) this.begins.push(this.length)
    this.accesses++
    this.push((vpn << 2) | op)
  }

  evict(vpn: number): void {
    this.push((vpn << 2) | PAGE_OUT)
  }

  parts(): Uint32Array[] {
    return [0, ...this.begins].map((from, part) => this.rows.subarray(from, this.begins[part] ?? this.length))
  }

  private push(row: number): void {
    if (this.length === this.rows.length) {
      const rows = new Uint32Array(2 * this.length)
      rows.set(this.rows)
      this.rows = rows
    }
    this.rows[this.length++] = row
  }
}
