import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { identityOf, isAlive } from '../../../native-bench/host.ts'
import { native } from '../../../native-bench/index.ts'
import { LabError } from '../../contract/index.ts'
import type { KernelTree } from '../kernel-tree.ts'
import type { Preparation, Prepared } from '../settings.ts'
import { type Changes, unavailable } from './changes.ts'

/**
 * Sets the kernel up for one trial of one lane.
 * @param askedBy the user the measuring process must belong to; null: root itself asks
 * @throws LabError unavailable, busy, no_permission; the caller undoes the changes
 */
export function prepare(
  preparation: Preparation,
  changes: Changes,
  askedBy: number | null,
  tree: KernelTree,
): Prepared {
  const { settings, pid, slots, directory, memoryBytes, pageCluster } = preparation
  const workload = identityOf(pid)
  if (!workload) throw unavailable(`There is no process ${pid} to measure.`, 'Run it again.')
  if (askedBy !== null) checkAsker(preparation, askedBy, tree)
  const active = tree.swaps()
  if (active.length > 0)
    throw unavailable(
      `${active.map(({ path }) => path).join(', ')} is an active swap area.`,
      'The kernel lanes run only where there is none, so that no page of anybody else is touched: swapoff it first.',
    )
  const cgroups = tree.memoryCgroups()
  if (!cgroups) throw unavailable('There is no memory cgroup here.', 'Enable the memory controller.')

  const id = randomBytes(6).toString('hex')
  const group = join(cgroups.root, `swaplab-${id}`)
  changes.makeGroup(group, cgroups.root, workload)
  changes.setPageCluster(pageCluster)
  changes.setZswap(settings)
  const swapArea =
    settings.lane === 'kernel-zram'
      ? changes.takeZram(settings, slots)
      : changes.addSwapFile(directory, `swaplab-kernel-${id}.swap`, slots)

  tree.write(String(memoryBytes), group, cgroups.version === 1 ? 'memory.limit_in_bytes' : 'memory.max')
  // Its number may have gone to somebody else's meanwhile.
  if (!isAlive(workload)) throw unavailable(`Process ${pid} has ended.`, 'Run it again.')
  tree.write(String(pid), group, 'cgroup.procs')
  return { cgroup: cgroups.version, swapArea, group }
}

/** The helper is root: what it is asked for must be the asker's own. */
function checkAsker({ pid, directory }: Preparation, askedBy: number, tree: KernelTree): void {
  if (statSync(`/proc/${pid}`).uid !== askedBy)
    throw new LabError({
      code: 'no_permission',
      message: `Process ${pid} does not belong to the user who asked.`,
      remedy: 'Only a process of your own can be put under a memory limit.',
    })
  if (!mayWrite(directory, askedBy, tree.read(tree.root.proc, String(pid), 'status') ?? ''))
    throw new LabError({
      code: 'no_permission',
      message: `The user who asked may not write in ${directory}.`,
      remedy: 'Choose a swap directory of your own.',
      field: 'swapDir',
    })
}

/** By the permissions of a directory and the ids of a process (`status` of proc(5)) of the user. */
function mayWrite(directory: string, uid: number, status: string): boolean {
  const facts = statSync(directory)
  const groups = [...status.matchAll(/^(?:Gid|Groups):(.*)$/gm)]
    .flatMap(([, ids]) => ids.trim().split(/\s+/))
    .map(Number)
  if (facts.uid === uid) return (facts.mode & 0o200) !== 0
  if (groups.includes(facts.gid)) return (facts.mode & 0o020) !== 0
  return (facts.mode & 0o002) !== 0
}

/** Empties a group of everything it holds in RAM. */
export function drop({ group, cgroup }: Prepared, memoryBytes: number, tree: KernelTree): void {
  try {
    if (cgroup === 1) tree.write('0', group, 'memory.force_empty')
    else tree.write(String(memoryBytes), group, 'memory.reclaim')
  } catch (error) {
    // EBUSY, EAGAIN: not everything could go, which the loads that follow will show.
    if (!(error instanceof Error && 'code' in error && (error.code === 'EBUSY' || error.code === 'EAGAIN'))) throw error
  }
}

/** Latency of the fdatasync, ns: a flush of the disk, for swapped pages do not pass through the page cache. */
export function flush(swapArea: string): number {
  const file = native.fileOpen(swapArea, { write: false, create: false, direct: false, dsync: false })
  try {
    return native.fileDatasync(file)
  } finally {
    native.fileClose(file)
  }
}
