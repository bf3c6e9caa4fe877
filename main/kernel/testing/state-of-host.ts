import { readdirSync, readFileSync } from 'node:fs'
import { ZSWAP_PARAMETERS } from '../journal.ts'
import type { KernelTree } from '../kernel-tree.ts'

/** Everything a kernel lane may change, as text. */
export function stateOfHost(tree: KernelTree): Record<string, string | string[] | null> {
  const cgroups = tree.memoryCgroups()
  return {
    swaps: readFileSync('/proc/swaps', 'utf8'),
    // Others may mount a disk meanwhile; what kernel lanes have to do with is control groups, debugfs and zram.
    mounts: readFileSync('/proc/mounts', 'utf8')
      .split('\n')
      .filter((line) => /cgroup|debugfs|zram/.test(line)),
    pageCluster: tree.read(tree.pageClusterFile),
    zram: `${tree.read(tree.zramFile('zram0', 'initstate'))} ${tree.read(tree.zramFile('zram0', 'comp_algorithm'))}`,
    ...Object.fromEntries(ZSWAP_PARAMETERS.map((name) => [name, tree.zswap(name)])),
    cgroups: cgroups
      ? readdirSync(cgroups.root)
          .filter((name) => name.startsWith('swaplab-'))
          .join(' ')
      : null,
  }
}
