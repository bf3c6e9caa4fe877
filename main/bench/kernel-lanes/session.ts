import { realpathSync } from 'node:fs'
import { probeDevice } from '../../../native-bench/host.ts'
import { PAGE_SIZE } from '../../../native-bench/index.ts'
import {
  type ExperimentSpec,
  isKernelLane,
  type KernelLane,
  LabError,
  laneLabel,
  modelLane,
  type ZswapLane,
} from '../../contract/index.ts'
import { KernelTree, readyHelper, unfitFor, type Waiting, wayToPrivileges } from '../../kernel/index.ts'
import type { TrialHooks, TrialResult } from '../trial/index.ts'
import { type Corpus, corpusPageOf } from '../workloads/index.ts'
import { runBlockTrial } from './block-trial.ts'
import { checkKernelLanes } from './facts.ts'
import { type ModelOrder, modelOrder } from './model-order.ts'
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
  /** While the permission is waited for. */
  permission: Waiting
  swapDir: string
  /** Data folder and consent; absent where the engine was started without. */
  kernel?: { folder: string; consent: boolean } | undefined
}

/** Memory that stays free beside what the kernel holds compressed, and reads back when it switches swap off, bytes. */
const MEMORY_MARGIN = 256 * 2 ** 20

/**
 * Null where the experiment has no kernel lane. Refuses before anything is touched; the consent to privileges, where one is needed, is
 * asked for here, before anything is measured.
 * @throws LabError unavailable, no_permission, cancelled
 */
export async function openKernelSession(
  spec: ExperimentSpec,
  site: KernelSite,
): Promise<
  | (Omit<KernelSession, 'run'> & {
      with(corpus: Corpus): KernelSession
    })
  | null
> {
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
  const helper = await readyHelper(site.kernel, wayToPrivileges(), site.permission)
  const close = () => void helper.close()
  const notes = (lane: KernelLane) => notesOf(lane, spec, tree)
  return {
    notes,
    close,
    with(corpus) {
      const corpusPages = Uint32Array.from({ length: spec.workload.pages }, (_, vpn) =>
        corpusPageOf(vpn, spec.seed, corpus.pages),
      )
      const { device } = probeDevice(directory)
      const bytes = corpus.arena.bytes.slice(0, corpus.pages * PAGE_SIZE)
      // The accesses of every trial are the same, and so is what the model does with them.
      const orders = new Map<KernelLane, ModelOrder>()
      const orderOf = async (lane: KernelLane, hooks: TrialHooks) => {
        const model = followed(lane, spec)
        if (!model) return null
        const known = orders.get(lane)
        if (known) return known
        const order = await modelOrder({ spec, lane: model, corpus }, hooks)
        orders.set(lane, order)
        return order
      }
      return {
        notes,
        close,
        async run(lane, hooks) {
          const order = await orderOf(lane, hooks)
          const place = { slots: site.slots, swapDir: directory, device }
          const setup = { spec, lane, ...place, helper, corpus: bytes, corpusPages, order }
          return lane.lane === 'kernel-zram' && lane.as === 'block'
            ? runBlockTrial(setup, hooks)
            : runKernelTrial(setup, hooks)
        },
      }
    },
  }
}

/** The engine's lane whose evictions a kernel lane is given; null where its own reclaim chooses. */
function followed(lane: KernelLane, spec: ExperimentSpec): ZswapLane | null {
  if (lane.lane !== 'kernel-zswap' || lane.reclaim === 'kernel') return null
  const model = spec.lanes[modelLane(spec.lanes, lane)]
  if (model?.lane !== 'zswap') throw new Error('the specification let a kernel lane follow no model')
  return model
}

/** What differs from the engine's lanes, for whoever compares them. */
function notesOf(lane: KernelLane, spec: ExperimentSpec, tree: KernelTree): string[] {
  const version = tree.memoryCgroups()?.version
  const release = tree.read(tree.root.proc, 'sys/kernel/osrelease')
  if (lane.lane === 'kernel-zram' && lane.as === 'block')
    return [
      `${lane.lane}: Linux ${release}, /dev/zram0 as a disk: each page of the workload written and read by direct I/O of 4 KiB in random order, in turns, pass after pass`,
      'a store is a write, a load is a read: no reclaim, no fault, no access of the workload; path.store.ns and path.load.ns are the same for pages of zeros',
    ]
  const model = followed(lane, spec)
  const pool = lane.lane === 'kernel-zram' || (lane.lane === 'kernel-zswap' && version === 1)
  return [
    model
      ? `${lane.lane}: Linux ${release}, one process of real memory; a page leaves it when a simulated trial of "${laneLabel(model)}" evicts it (MADV_PAGEOUT, one by one), page-cluster ${lane.pageCluster}`
      : `${lane.lane}: Linux ${release}, one process of real memory under a limit of ${spec.memory.frames} pages ` +
        `(memory cgroup version ${version}), page-cluster ${lane.pageCluster}`,
    'a fault is timed from the touch to its end, with the exception and the mapping, which the engine does not have: path.store.ns and path.load.ns are the same way for pages of zeros',
    'swapfile and mm are of the engine: this lane swaps to an area of its own, by the rules of its kernel',
    'every access is timed, so accesses.per_s holds two looks at the clock for each',
    ...(lane.lane === 'kernel-swap'
      ? ['store.ns is the hand-over to the disk: the kernel does not wait for the write']
      : []),
    ...(pool && !model ? ['the pool is not part of the limit here: this lane has more RAM than the others'] : []),
    ...(lane.lane === 'kernel-zswap'
      ? [
          `max_pool_percent ${lane.poolPercent} is of the host's RAM; memory.pool does not bind this lane`,
          "the kernel's writeback of a full pool is lazy and differs from run to run",
        ]
      : []),
    ...(lane.tiers === 'fault' ? ['/proc/vmstat is read after every fault: hits after it find cold caches'] : []),
  ]
}
