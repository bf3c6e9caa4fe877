import { lstatSync, unlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { bootId, isAlive } from '../../native-bench/host.ts'
import { native } from '../../native-bench/index.ts'
import { hasJournal, type JournalFile, readJournal, removeJournal, type Step } from './journal.ts'
import type { KernelTree } from './kernel-tree.ts'

/** Puts the kernel back to where a journal found it. Safe to do twice, and after every way a run can have ended. */

export interface Restored {
  /** What was put back, in words. */
  done: string[]
  /** What could not be, with the reason; the journal stays then. */
  left: string[]
}

/** How long a process that was killed may take to go, and a group to become empty, ms. */
const EMPTY_WAIT_MS = 5_000
const EMPTY_POLL_MS = 5

/** The order matters: no process in the group, no swap in use, no file behind it, and only then the settings. */
const ORDER = ['cgroup', 'swapfile', 'zram', 'zswap', 'page-cluster'] as const

/** The swap calls, which a test replaces. */
export interface SwapCalls {
  swapOff(path: string): void
}

/**
 * Undoes the journal of a folder and removes it.
 * @throws LabError where the journal cannot be understood; nothing is touched then
 */
export function restoreFrom(folder: string, tree: KernelTree, calls: SwapCalls = native): Restored {
  if (!hasJournal(folder)) return { done: [], left: [] }
  const journal = readJournal(folder)
  if (journal === null) return { done: [], left: [] }
  const restored = undo(journal, tree, calls)
  if (restored.left.length === 0) removeJournal(folder)
  return restored
}

/** The steps of a journal, which stays where it is. */
export function undo(journal: JournalFile, tree: KernelTree, calls: SwapCalls = native): Restored {
  const restored: Restored = { done: [], left: [] }
  const attempt = (what: string, act: () => boolean) => {
    try {
      if (act()) restored.done.push(what)
    } catch (error) {
      restored.left.push(`${what}: ${error instanceof Error ? error.message : error}`)
    }
  }
  // After a restart nothing but the file is left, and the settings are the restarted system's own.
  const sameBoot = journal.bootId === bootId()
  const steps = [...journal.steps].sort((a, b) => rank(a) - rank(b))
  // The group can only go when its pages have: the workload ends first, the group is removed last.
  const groups = steps.filter((step) => step.undo === 'cgroup')
  if (sameBoot) for (const step of groups) attempt('measuring process ended', () => endWorkload(step, tree))
  for (const step of steps) {
    switch (step.undo) {
      case 'cgroup':
        break
      case 'swapfile': {
        let path = join(step.directory, step.name)
        if (sameBoot)
          attempt(`swap off ${path}`, () => {
            // Its directory may have been renamed meanwhile; its name is its own.
            path = tree.swaps().find((area) => basename(area.path) === step.name)?.path ?? path
            return swapOff(path, tree, calls)
          })
        attempt(`${path} deleted`, () => deleteSwapFile(path, tree))
        break
      }
      case 'zram':
        if (sameBoot) attempt(`${step.device} reset`, () => resetZram(step, tree, calls))
        break
      case 'zswap':
        if (sameBoot)
          attempt(`zswap ${step.parameter} = ${step.value}`, () =>
            setBack(tree.zswapFile(step.parameter), step.value, tree),
          )
        break
      case 'page-cluster':
        if (sameBoot)
          attempt(`page-cluster = ${step.value}`, () => setBack(tree.pageClusterFile, String(step.value), tree))
        break
    }
  }
  if (sameBoot) for (const step of groups) attempt(`cgroup ${step.name} removed`, () => removeGroup(step.name, tree))
  return restored
}

/** `enabled` last of zswap's: while it is on, a compressor is checked when it is set. */
function rank(step: Step): number {
  const last = step.undo === 'zswap' && step.parameter === 'enabled'
  return ORDER.indexOf(step.undo) * 2 + (last ? 1 : 0)
}

function groupPath(name: string, tree: KernelTree): string | null {
  const cgroups = tree.memoryCgroups()
  return cgroups ? join(cgroups.root, name) : null
}

/** Ends exactly the process that was put into the group, where it still lives and is still in it. */
function endWorkload(step: Extract<Step, { undo: 'cgroup' }>, tree: KernelTree): boolean {
  const group = groupPath(step.name, tree)
  const { workload } = step
  if (group === null || !tree.processesOf(group).includes(workload.pid) || !isAlive(workload)) return false
  process.kill(workload.pid, 'SIGKILL')
  waitUntil(() => !isAlive(workload), `process ${workload.pid} does not end`)
  return true
}

function removeGroup(name: string, tree: KernelTree): boolean {
  const group = groupPath(name, tree)
  if (group === null || tree.read(group, 'cgroup.procs') === null) return false
  // A process is in its group until the kernel has taken it apart, which its end does not wait for.
  waitUntil(() => tree.processesOf(group).length === 0, `there are still processes in ${group}`)
  let reason: unknown
  waitUntil(
    () => {
      try {
        tree.removeGroup(group)
        return true
      } catch (error) {
        reason = error
        return error instanceof Error && 'code' in error && error.code === 'ENOENT'
      }
    },
    () => `${group} cannot be removed: ${reason instanceof Error ? reason.message : reason}`,
  )
  return true
}

function swapOff(path: string, tree: KernelTree, calls: SwapCalls): boolean {
  // A path whose file was deleted meanwhile is listed with a suffix.
  if (!tree.swaps().some((area) => area.path === path)) return false
  let reason: unknown
  // Pages are brought in for a process that is just going, into a group without room for them: a moment later nobody needs them.
  waitUntil(
    () => {
      try {
        calls.swapOff(path)
        return true
      } catch (error) {
        if (!(error instanceof Error && 'code' in error && error.code === 'ENOMEM')) throw error
        reason = error
        return false
      }
    },
    () => String(reason instanceof Error ? reason.message : reason),
  )
  return true
}

function deleteSwapFile(path: string, tree: KernelTree): boolean {
  const facts = lstatSync(path, { throwIfNoEntry: false })
  if (!facts) return false
  if (!facts.isFile() || facts.nlink !== 1) throw new Error('it is not a plain file with one name; it was left alone')
  if (tree.swaps().some((area) => area.path === path)) throw new Error('it is still an active swap area')
  unlinkSync(path)
  return true
}

function resetZram(step: Extract<Step, { undo: 'zram' }>, tree: KernelTree, calls: SwapCalls): boolean {
  const wasOn = swapOff(`/dev/${step.device}`, tree, calls)
  const set = tree.read(tree.zramFile(step.device, 'initstate')) === '1'
  if (set) tree.write('1', tree.zramFile(step.device, 'reset'))
  const algorithms = tree.zramAlgorithms(step.device)
  // Unloaded since then: one that is loaded anew has its defaults.
  if (!algorithms) return wasOn
  const other = algorithms.chosen !== step.algorithm
  if (other) tree.write(step.algorithm, tree.zramFile(step.device, 'comp_algorithm'))
  return wasOn || set || other
}

/** True where it was another value. */
function setBack(file: string, value: string, tree: KernelTree): boolean {
  const now = tree.read(file)
  if (now === null) throw new Error(`${file} cannot be read`)
  if (now === value) return false
  tree.write(value, file)
  const after = tree.read(file)
  if (after !== value) throw new Error(`${file} took ${after} where ${value} was written`)
  return true
}

function waitUntil(there: () => boolean, otherwise: string | (() => string)): void {
  const pause = new Int32Array(new SharedArrayBuffer(4))
  for (const end = Date.now() + EMPTY_WAIT_MS; !there(); Atomics.wait(pause, 0, 0, EMPTY_POLL_MS))
    if (Date.now() > end) throw new Error(typeof otherwise === 'string' ? otherwise : otherwise())
}
