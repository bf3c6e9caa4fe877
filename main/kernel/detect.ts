import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { KernelLane } from '../contract/index.ts'
import type { KernelTree } from './kernel-tree.ts'
import { type Way, wayToPrivileges } from './privileges.ts'

/** What the kernel lanes need, and why one cannot run here. It only looks. */

type KernelLaneName = KernelLane['lane']

export interface Availability {
  needs: string[]
  /** Null where the lane can run here. */
  reason: string | null
  remedy: string | null
}

/** MADV_PAGEOUT came with Linux 5.4. */
const OLDEST = [5, 4] as const

const NEEDS: Record<KernelLaneName, string[]> = {
  'kernel-swap': ['no other active swap area', 'a memory cgroup', 'root, or your consent (--privileged)'],
  'kernel-zswap': [
    'a kernel with zswap',
    'no other active swap area',
    'a memory cgroup',
    'root, or your consent (--privileged)',
  ],
  'kernel-zram': [
    'an unused /dev/zram0',
    'no other active swap area',
    'a memory cgroup',
    'root, or your consent (--privileged)',
  ],
}

/** Whether a lane can run here now, and if not, the first reason and its remedy. Reads a few files; changes nothing. */
export function detect(lane: KernelLaneName, tree: KernelTree, way: Way = wayToPrivileges()): Availability {
  const needs = NEEDS[lane]
  const problem = problemOf(lane, tree, way)
  return { needs, reason: problem?.[0] ?? null, remedy: problem?.[1] ?? null }
}

function problemOf(lane: KernelLaneName, tree: KernelTree, way: Way): [reason: string, remedy: string] | null {
  const release = tree.read(tree.root.proc, 'sys/kernel/osrelease')
  const version = /^(\d+)\.(\d+)/.exec(release ?? '')
  if (!version) return ['this is not Linux', 'run it on Linux 5.4 or newer']
  const [major, minor] = [Number(version[1]), Number(version[2])]
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]))
    return [`Linux ${release} cannot page out on request`, 'run it on Linux 5.4 or newer']
  if (way.way === 'none')
    return [
      'it changes the swap settings of the host, for which there are no privileges here (CAP_SYS_ADMIN, sudo or pkexec)',
      'run Swaplab as root on a machine of your own; most containers withhold this',
    ]
  if (lane === 'kernel-zswap' && tree.zswap('enabled') === null)
    return ['this kernel has no zswap (/sys/module/zswap is absent)', 'use a kernel built with CONFIG_ZSWAP']
  if (lane === 'kernel-zram') {
    const state = tree.read(tree.zramFile('zram0', 'initstate'))
    if (state === null) return ['there is no /dev/zram0', 'load it: modprobe zram']
    if (state !== '0') return ['/dev/zram0 is in use', 'free it: swapoff /dev/zram0, then zramctl --reset /dev/zram0']
  }
  const swaps = swapsOf(tree)
  if (swaps === null) return ['/proc/swaps cannot be read', 'mount /proc']
  if (swaps.length > 0)
    return [
      `${swaps.join(', ')} is an active swap area, whose pages the settings of a trial would reach`,
      'switch it off for the time of the run (swapoff), or, where its name begins with swaplab-kernel-, "swaplab restore"',
    ]
  const cgroups = tree.memoryCgroups()
  if (cgroups === null)
    return [
      'there is no memory cgroup (neither version 1 mounted nor the controller in version 2)',
      `hand the controller on: echo +memory > ${join(tree.root.sys, 'fs/cgroup/cgroup.subtree_control')}`,
    ]
  if (lane === 'kernel-swap' && cgroups.version === 2 && !existsSync(join(cgroups.root, 'memory.reclaim')))
    return [
      `Linux ${release} drops the memory of a group at nobody's request (memory.reclaim), without which its swap cache would answer`,
      'run it on Linux 5.19 or newer',
    ]
  // What somebody else may not write, the helper may; what root may not, nobody may.
  if (way.way === 'root')
    for (const file of written(lane, tree, cgroups.root)) {
      const code = tree.closed(file)
      if (code)
        return [
          `${file} cannot be written, not even by root (${code})`,
          'mount it read-write, or run Swaplab outside of the container that has it read-only',
        ]
    }
  return null
}

/** What the helper will write to. */
function written(lane: KernelLaneName, tree: KernelTree, cgroups: string): string[] {
  const zswap = lane === 'kernel-zswap' || tree.zswap('enabled') === 'Y'
  return [
    tree.pageClusterFile,
    cgroups,
    ...(zswap ? [tree.zswapFile('enabled')] : []),
    ...(lane === 'kernel-zram' ? [tree.zramFile('zram0', 'comp_algorithm')] : []),
  ]
}

function swapsOf(tree: KernelTree): string[] | null {
  try {
    return tree.swaps().map(({ path }) => path)
  } catch {
    return null
  }
}
