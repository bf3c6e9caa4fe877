import { type KernelComparison, LabError, PAGE_SIZE, type WritebackRate } from '../../contract/index.ts'
import { type Helper, type KernelTree, MeasuringProcess } from '../../kernel/index.ts'
import type { Corpus } from '../workloads/index.ts'

export interface BesideKernelOptions {
  swapDir: string
  /** Data folder for the journal, and whether sudo or pkexec may be used. */
  kernel: { folder: string; consent: boolean }
  seed: number
  signal: AbortSignal
  tell?: (step: string) => void
  /** For tests: smaller and quicker. */
  sizes?: Sizes
}

export interface Sizes {
  /** Pages of a round of stores and loads. */
  pages: number
  warmRounds: number
  rounds: number
  /** Zpages to be written back. */
  writebackPages: number
  writebackRounds: number
  /** How long the kernel is watched writing back of its own accord, ms; 0: not at all. */
  ownAccordMs: number
}

/** What both comparisons rest on. */
export interface Site extends BesideKernelOptions {
  corpus: Corpus
  sizes: Sizes
  cpu: number | null
  /** The corpus' bytes, for the measuring process. */
  contents: Uint8Array
  helper: Helper
  tree: KernelTree
  compressor: KernelComparison['compressor']
}

/** One way of writing back, once. */
export type WritebackRound = Omit<WritebackRate, 'rounds' | 'overKernel'>

/** Far more than the pages in use: the limit is to put the process into a group, as the processes of a desktop are, not to press it. */
const SPARE_BYTES = 128 * 2 ** 20

/**
 * A measuring process whose pages this kernel's zswap takes, every page written once. After `work` the host is as before.
 * @param corpusPages content of each page
 */
export async function withZswap<T>(
  site: Site,
  setup: { corpusPages: Uint32Array; zeroPages: number; slots: number; poolPercent: number },
  work: (measuring: MeasuringProcess) => Promise<T>,
): Promise<T> {
  const { helper, cpu, compressor, contents, swapDir } = site
  const { corpusPages, zeroPages, slots, poolPercent } = setup
  const measuring = new MeasuringProcess()
  try {
    const { pid } = await measuring.ask({ kind: 'open', corpus: contents, corpusPages, zeroPages })
    if (cpu !== null) await measuring.ask({ kind: 'pin', cpu })
    await helper.prepare({
      settings: { lane: 'kernel-zswap', compressor, poolPercent, acceptPercent: 90, shrinker: false },
      directory: swapDir,
      slots,
      memoryBytes: corpusPages.length * PAGE_SIZE + SPARE_BYTES,
      pid,
      pageCluster: 0,
    })
    const accesses = Uint32Array.from(corpusPages, (_, vpn) => (vpn << 2) | 1)
    await measuring.ask({ kind: 'replay', accesses, classify: false })
    return await work(measuring)
  } finally {
    await measuring.end()
    await helper.restore()
  }
}

/** @throws LabError `cancelled` */
export function checkCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new LabError({ code: 'cancelled', message: 'The comparison was cancelled.' })
}
