import { realpathSync } from 'node:fs'
import { type ExperimentSpec, type KernelComparison, LabError, PAGE_SIZE, parseSpec } from '../../contract/index.ts'
import { KernelTree, readyHelper, unfitFor, wayToPrivileges } from '../../kernel/index.ts'
import { needKernelLane } from '../kernel-lanes/index.ts'
import { diskCpu } from '../measure/cpu.ts'
import type { Corpus } from '../workloads/index.ts'
import type { BesideKernelOptions, Sizes } from './kernel-side.ts'
import { DRAINED_POOL_PERCENT, OWN_ACCORD_POOL_PERCENT, writebackSlots } from './kernel-writeback.ts'
import { compareStoreAndLoad, STORE_LOAD_POOL_PERCENT } from './store-load.ts'
import { compareWriteback } from './writeback.ts'

/**
 * The engine beside this host's own zswap: one store, one load, and the way to disk, on the same page contents, on one CPU, in the same
 * minute. Both sides get the same treatment, which docs/measuring.md tells.
 */

const SIZES: Sizes = {
  // 8 MiB: more than the second-level caches hold; a round takes some 30 ms a side.
  pages: 2048,
  // V8 has settled after some 10 000 stores.
  warmRounds: 7,
  rounds: 11,
  writebackPages: 20_000,
  writebackRounds: 9,
  ownAccordMs: 2_000,
}

/** The kernel's compressor that has a codec of the engine as its twin in every kernel with zswap. */
const COMPRESSOR = 'lzo'

const POOL_PERCENTS = [STORE_LOAD_POOL_PERCENT, DRAINED_POOL_PERCENT, OWN_ACCORD_POOL_PERCENT]

/** What the comparison does to the host, as the kernel lanes of an experiment: for whoever has to allow it. */
export const comparisonAsLanes = (): ExperimentSpec =>
  parseSpec({
    workload: { pages: writebackSlots(SIZES) },
    lanes: POOL_PERCENTS.map((poolPercent) => ({
      lane: 'kernel-zswap',
      label: `pool of ${poolPercent} %`,
      compressor: COMPRESSOR,
      poolPercent,
    })),
  })

/** A comparison that may begin: whoever has to allow it has. */
export interface KernelComparing {
  /**
   * Changes the swap settings of this host for its time, through the journal. Leaves this process pinned to one CPU.
   * @throws LabError unavailable, codec_unavailable, cancelled
   */
  compare(corpus: Corpus): Promise<KernelComparison>
  close(): Promise<void>
}

/** Asks for the permission, before anything is measured. @throws LabError unavailable, no_permission, cancelled */
export async function openKernelComparison(options: BesideKernelOptions): Promise<KernelComparing> {
  const tree = new KernelTree()
  needKernelLane('kernel-zswap', null, tree)
  const swapDir = realpathSync(options.swapDir)
  const sizes = options.sizes ?? SIZES
  const unfit = unfitFor(swapDir, writebackSlots(sizes))
  if (unfit)
    throw new LabError({
      code: 'unavailable',
      message: `The kernel cannot be compared with here: ${unfit}.`,
      remedy: 'Choose another swap directory.',
    })
  const { signal, tell } = options
  const word = () => tell?.('Waiting for the permission to change swap settings')
  const helper = await readyHelper(options.kernel, wayToPrivileges(), { signal, word })
  return {
    close: () => helper.close(),
    async compare(corpus) {
      const cpu = diskCpu()
      const contents = corpus.arena.bytes.slice(0, corpus.pages * PAGE_SIZE)
      const site = { ...options, corpus, sizes, swapDir, cpu, contents, helper, tree, compressor: COMPRESSOR }
      tell?.("Store and load beside this kernel's zswap")
      const storeAndLoad = await compareStoreAndLoad(site)
      tell?.("Writeback beside this kernel's zswap")
      return {
        kernel: tree.read(tree.root.proc, 'sys/kernel/osrelease') ?? 'unknown',
        compressor: COMPRESSOR,
        corpus: corpus.facts.source,
        cpu,
        ...storeAndLoad,
        writeback: await compareWriteback(site),
      }
    },
  }
}
