import { realpathSync } from 'node:fs'
import { PAGE_SIZE } from '../../../native-bench/index.ts'
import { type ExperimentSpec, isKernelLane, type KernelLane, LabError } from '../../contract/index.ts'
import { KernelTree, startHelper, unfitFor } from '../../kernel/index.ts'
import type { TrialHooks, TrialResult } from '../trial.ts'
import { type Corpus, corpusPageOf } from '../workloads/index.ts'
import { checkKernelLanes } from './facts.ts'
import { runKernelTrial } from './trial.ts'

/** The kernel lanes of one experiment: one helper for all their trials. */
export interface KernelSession {
  run(lane: KernelLane, hooks: TrialHooks): Promise<TrialResult>
  notes(lane: KernelLane): string[]
  /** The helper puts everything back by itself, and ends. */
  close(): void
}

export interface KernelSite {
  slots: number
  swapDir: string
  /** Data folder and consent; absent where the engine was started without. */
  kernel?: { folder: string; consent: boolean } | undefined
}

/** Memory that stays free beside what the kernel holds compressed, and reads back when it switches swap off, bytes. */
const MEMORY_MARGIN = 256 * 2 ** 20

/**
 * Null where the experiment has no kernel lane. Refuses before anything is touched.
 * @throws LabError unavailable, no_permission
 */
export function openKernelSession(
  spec: ExperimentSpec,
  site: KernelSite,
):
  | (Omit<KernelSession, 'run'> & {
      with(corpus: Corpus): KernelSession
    })
  | null {
  if (!spec.lanes.some(isKernelLane)) return null
  const tree = new KernelTree()
  checkKernelLanes(spec, tree)
  const directory = realpathSync(site.swapDir)
  const refuse = (why: string) =>
    new LabError({
      code: 'unavailable',
      message: `The kernel lanes cannot run here: ${why}.`,
      remedy: 'Choose another swap directory or a smaller address space, or leave these lanes out.',
    })
  const files = spec.lanes.some((lane) => isKernelLane(lane) && lane.lane !== 'kernel-zram')
  const unfit = files ? unfitFor(directory, site.slots) : null
  if (unfit) throw refuse(unfit)
  const available = (tree.meminfo('MemAvailable') ?? 0) * 1024
  if (available < site.slots * PAGE_SIZE + MEMORY_MARGIN)
    throw refuse(`${Math.floor(available / 2 ** 20)} MiB of memory are available, too little to read all of it back`)
  if (!site.kernel)
    throw new LabError({ code: 'no_permission', message: 'The engine was started without a place for the journal.' })
  const helper = startHelper(site.kernel)
  const close = () => void helper.close()
  const notes = (lane: KernelLane) => notesOf(lane, spec, tree)
  return {
    notes,
    close,
    with(corpus) {
      const corpusPages = Uint32Array.from({ length: spec.workload.pages }, (_, vpn) =>
        corpusPageOf(vpn, spec.seed, corpus.pages),
      )
      const bytes = corpus.arena.bytes.slice(0, corpus.pages * PAGE_SIZE)
      return {
        notes,
        close,
        run: (lane, hooks) =>
          runKernelTrial(
            { spec, lane, slots: site.slots, swapDir: directory, helper, corpus: bytes, corpusPages },
            hooks,
          ),
      }
    },
  }
}

/** What differs from the engine's lanes, for whoever compares them. */
function notesOf(lane: KernelLane, spec: ExperimentSpec, tree: KernelTree): string[] {
  const version = tree.memoryCgroups()?.version
  const release = tree.read(tree.root.proc, 'sys/kernel/osrelease')
  const pool = lane.lane === 'kernel-zram' || (lane.lane === 'kernel-zswap' && version === 1)
  return [
    `${lane.lane}: Linux ${release}, one process of real memory under a limit of ${spec.memory.frames} pages ` +
      `(memory cgroup version ${version}), page-cluster ${lane.pageCluster}`,
    'a fault is timed from the touch to its end, with the exception and the mapping, which the engine does not have: path.store.ns and path.load.ns are the same way for pages of zeros',
    'every access is timed, so accesses.per_s holds two looks at the clock for each',
    ...(lane.lane === 'kernel-swap'
      ? ['store.ns is the hand-over to the disk: the kernel does not wait for the write']
      : []),
    ...(pool ? ['the pool is not part of the limit here: this lane has more RAM than the others'] : []),
    ...(lane.lane === 'kernel-zswap'
      ? [
          `max_pool_percent ${lane.poolPercent} is of the host's RAM; memory.pool does not bind this lane`,
          "the kernel's writeback of a full pool is lazy and differs from run to run",
        ]
      : []),
    ...(lane.tiers === 'fault' ? ['/proc/vmstat is read after every fault: hits after it find cold caches'] : []),
  ]
}
