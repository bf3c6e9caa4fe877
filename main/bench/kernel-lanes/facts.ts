import {
  type ExperimentSpec,
  isKernelLane,
  KERNEL_LANES,
  type KernelLane,
  LabError,
  type LaneFacts,
} from '../../contract/index.ts'
import { detect, KernelTree, wayToPrivileges } from '../../kernel/index.ts'

/** What there is to say of the kernel's lanes before one runs. */

const WORDS: Record<KernelLane['lane'], { title: string; description: string }> = {
  'kernel-swap': {
    title: "The kernel's plain swap",
    description: 'The same pages and accesses on real memory, swapped by this kernel to a swap file, zswap off.',
  },
  'kernel-zswap': {
    title: "The kernel's zswap",
    description: 'The same pages and accesses on real memory, swapped by this kernel through its own zswap.',
  },
  'kernel-zram': {
    title: "The kernel's zram",
    description: 'The same pages and accesses on real memory, swapped by this kernel to a compressed disk in RAM.',
  },
}

/** Every kernel lane as `swaplab lanes` lists it, with the reason where it cannot run here. */
export function kernelLaneFacts(tree = new KernelTree()): LaneFacts[] {
  return KERNEL_LANES.map((lane) => {
    const { needs, reason, remedy } = detect(lane, tree)
    return {
      lane,
      ...WORDS[lane],
      needs,
      available: reason === null,
      reason: reason && remedy ? `${reason}; ${remedy}` : reason,
    }
  })
}

/**
 * Refuses an experiment with a kernel lane that cannot run here, before anything is touched.
 * @throws LabError unavailable
 */
export function checkKernelLanes(spec: ExperimentSpec, tree = new KernelTree()): void {
  for (const [index, lane] of spec.lanes.entries()) {
    if (!isKernelLane(lane)) continue
    needKernelLane(lane.lane, index, tree)
    if (lane.lane === 'kernel-zram' && lane.as === 'block' && wayToPrivileges().way !== 'root')
      throw new LabError({
        code: 'unavailable',
        message: 'A zram lane "as: block" opens /dev/zram0 itself, which belongs to root.',
        remedy: 'Run Swaplab as root, or use "as: swap", which needs your consent only.',
        field: `lanes.${index}.as`,
      })
  }
}

/**
 * @param index where it stands in a specification; null: it was asked for otherwise
 * @throws LabError unavailable
 */
export function needKernelLane(lane: KernelLane['lane'], index: number | null, tree = new KernelTree()): void {
  const { reason, remedy } = detect(lane, tree)
  if (reason === null) return
  throw new LabError({
    code: 'unavailable',
    message: `The lane ${lane} cannot run here: ${reason}.`,
    remedy: `${remedy ? `${remedy.charAt(0).toUpperCase()}${remedy.slice(1)}; or` : 'Please'} leave ${index === null ? 'it' : 'the lane'} out.`,
    ...(index !== null && { field: `lanes.${index}` }),
  })
}
