import { basename, join } from 'node:path'
import {
  type ExperimentSpec,
  isKernelLane,
  type KernelConsent,
  type KernelLane,
  LabError,
  PAGE_SIZE,
} from '../../contract/index.ts'
import { JOURNAL_NAME, KernelTree, type Way, wayToPrivileges } from '../../kernel/index.ts'
import { slotsFor } from '../plan.ts'

/** What kernel lanes do to a host, in sentences, before it is done: main/kernel/privileged/prepare.ts is what does it. */

const MIB = 2 ** 20

/** @param site where swap file and journal would be */
export function kernelConsent(
  spec: ExperimentSpec,
  site: { swapDir: string; folder: string },
  tree = new KernelTree(),
  way: Way = wayToPrivileges(),
): KernelConsent {
  const lanes = spec.lanes.filter(isKernelLane)
  if (lanes.length === 0) return { program: null, where: null, changes: [], putBack: [] }
  const slots = slotsFor(spec)
  const clusters = [...new Set(lanes.map(({ pageCluster }) => pageCluster))].join(', ')
  return {
    program: way.way === 'ask' ? basename(way.program) : null,
    where: way.way === 'ask' ? way.where : null,
    changes: [
      `vm.page-cluster: ${tree.read(tree.pageClusterFile) ?? 'unknown'} → ${clusters}`,
      ...new Set(lanes.flatMap((lane) => changesOf(lane, tree, { ...site, slots }))),
      'a memory cgroup swaplab-… for the one process that is measured',
    ],
    putBack: [
      `Every old value is written to ${join(site.folder, JOURNAL_NAME)} before it is changed.`,
      'After each trial, when the run is cancelled, and when Swaplab ends in whichever way, the helper that was allowed to change them puts them back: swap off, file deleted, zram reset, settings as before.',
      'Should the helper itself be killed, or the power fail, the next start of Swaplab says so, and "swaplab restore" does it.',
      'Swap of your own is never touched: while any other swap area is active, nothing is changed and the run is refused.',
    ],
  }
}

function changesOf(lane: KernelLane, tree: KernelTree, site: { swapDir: string; slots: number }): string[] {
  const size = Math.ceil(((site.slots + 1) * PAGE_SIZE) / MIB)
  const zswap = (name: string, value: string) => `zswap ${name}: ${tree.zswap(name) ?? 'absent'} → ${value}`
  const zswapOff = tree.zswap('enabled') === null ? [] : [zswap('enabled', 'N')]
  const file = `a swap file swaplab-kernel-….swap of ${size} MiB in ${site.swapDir}, in use while a trial lasts`
  switch (lane.lane) {
    case 'kernel-swap':
      return [...zswapOff, file]
    case 'kernel-zswap':
      return [
        zswap('enabled', 'Y'),
        zswap('compressor', lane.compressor),
        zswap('max_pool_percent', String(lane.poolPercent)),
        zswap('accept_threshold_percent', String(lane.acceptPercent)),
        zswap('shrinker_enabled', lane.shrinker === 'on' ? 'Y' : 'N'),
        file,
      ]
    case 'kernel-zram':
      return [
        ...zswapOff,
        `/dev/zram0: ${lane.algorithm}, ${size} MiB, ${lane.as === 'swap' ? 'a swap area' : 'written and read directly'} while a trial lasts`,
      ]
  }
}

/** @throws LabError no_permission, field `privileged`, where somebody has to be asked first and was not */
export function needConsent(spec: ExperimentSpec, privileged: boolean, way: Way = wayToPrivileges()): void {
  if (privileged || way.way !== 'ask' || !spec.lanes.some(isKernelLane)) return
  throw new LabError({
    code: 'no_permission',
    field: 'privileged',
    message: "The kernel lanes change this host's swap settings for each trial, which needs root.",
    remedy: `Allow it (in a terminal: --privileged; ${basename(way.program)} is used), or leave these lanes out.`,
  })
}
