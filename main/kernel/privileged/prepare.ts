import { randomBytes } from 'node:crypto'
import { mkdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { bootId, identityOf, isAlive, thisProcess } from '../../../native-bench/host.ts'
import { native, PAGE_SIZE } from '../../../native-bench/index.ts'
import { LabError } from '../../contract/index.ts'
import {
  beginJournal,
  CGROUP_NAME,
  hasJournal,
  type JournalFile,
  journalThere,
  readJournal,
  type Step,
  writeJournal,
  type ZswapParameter,
} from '../journal.ts'
import type { KernelTree } from '../kernel-tree.ts'
import type { Preparation, Prepared } from '../settings.ts'
import { makeSwapFile, writeHeader } from '../swap-area.ts'

/** The highest there is: should another area appear, ours is still the one in use. */
const PRIORITY = 32_767

const ZRAM = 'zram0'
const POOL_LIMIT = 'max_pool_percent'

function unavailable(message: string, remedy: string): LabError {
  return new LabError({ code: 'unavailable', message, remedy })
}

/**
 * Sets the kernel up for one trial of one lane. Each change is in the journal, with the value before, before it is made.
 * @param askedBy the user the measuring process must belong to; null: root itself asks
 * @throws LabError unavailable, busy, no_permission; the caller restores
 */
export function prepare(preparation: Preparation, folder: string, askedBy: number | null, tree: KernelTree): Prepared {
  const { settings, pid, slots } = preparation
  const workload = identityOf(pid)
  if (!workload) throw unavailable(`There is no process ${pid} to measure.`, 'Run it again.')
  if (askedBy !== null) {
    if (statSync(`/proc/${pid}`).uid !== askedBy)
      throw new LabError({
        code: 'no_permission',
        message: `Process ${pid} does not belong to the user who asked.`,
        remedy: 'Only a process of your own can be put under a memory limit.',
      })
    if (!mayWrite(preparation.directory, askedBy, tree.read(tree.root.proc, String(pid), 'status') ?? ''))
      throw new LabError({
        code: 'no_permission',
        message: `The user who asked may not write in ${preparation.directory}.`,
        remedy: 'Choose a swap directory of your own.',
        field: 'swapDir',
      })
  }
  const active = tree.swaps()
  if (active.length > 0)
    throw unavailable(
      `${active.map(({ path }) => path).join(', ')} is an active swap area.`,
      'The kernel lanes run only where there is none, so that no page of anybody else is touched: swapoff it first.',
    )
  if (hasJournal(folder)) throw journalThere()
  const cgroups = tree.memoryCgroups()
  if (!cgroups) throw unavailable('There is no memory cgroup here.', 'Enable the memory controller.')

  const id = randomBytes(6).toString('hex')
  const journal: JournalFile = { version: 1, bootId: bootId(), owner: thisProcess(), steps: [] }
  const before = (step: Step) => {
    const write = journal.steps.length === 0 ? beginJournal : writeJournal
    journal.steps.push(step)
    write(folder, journal)
  }

  // The group first: until it goes, last of all, no other helper begins, not even one with another data folder.
  const group = join(cgroups.root, `swaplab-${id}`)
  before({ undo: 'cgroup', name: basename(group), workload })
  mkdirSync(group, { mode: 0o755 })
  const others = tree.groups(cgroups.root).filter((name) => CGROUP_NAME.test(name) && name !== basename(group))
  if (others.length > 0)
    throw new LabError({
      code: 'busy',
      message: `Another kernel lane is under way on this host, or was killed before it had put it back (${join(cgroups.root, others[0])}).`,
      remedy: 'Wait for its run, or put the host back: "swaplab restore" with the data folder of that lab (--data).',
    })

  const pageCluster = Number(tree.read(tree.pageClusterFile) ?? Number.NaN)
  before({ undo: 'page-cluster', value: pageCluster })
  tree.write(String(preparation.pageCluster), tree.pageClusterFile)

  const setZswap = (parameter: ZswapParameter, value: string) => {
    const old = tree.zswap(parameter)
    if (old === value) return
    if (old === null)
      throw unavailable(
        `This kernel's zswap has no ${parameter}.`,
        'Use another kernel, or leave the setting at its default.',
      )
    before({ undo: 'zswap', parameter, value: old })
    try {
      tree.write(value, tree.zswapFile(parameter))
    } catch (error) {
      throw refusedValue(parameter, value, error instanceof Error ? error.message : String(error))
    }
    if (tree.zswap(parameter) !== value) throw refusedValue(parameter, value, `it stayed ${tree.zswap(parameter)}`)
  }
  switch (settings.lane) {
    case 'kernel-swap':
    case 'kernel-zram':
      // A zswap in front of it would answer instead.
      if (tree.zswap('enabled') !== null) setZswap('enabled', 'N')
      break
    case 'kernel-zswap':
      // Enabled first: until then any name of a compressor is accepted without a word.
      setZswap('enabled', 'Y')
      setZswap('compressor', settings.compressor)
      setZswap('max_pool_percent', String(settings.poolPercent))
      setZswap('accept_threshold_percent', String(settings.acceptPercent))
      if (settings.shrinker || tree.zswap('shrinker_enabled') !== null)
        setZswap('shrinker_enabled', settings.shrinker ? 'Y' : 'N')
      break
  }

  let swapArea: string
  if (settings.lane === 'kernel-zram') {
    swapArea = `/dev/${ZRAM}`
    const algorithms = tree.zramAlgorithms(ZRAM)
    if (!algorithms || tree.read(tree.zramFile(ZRAM, 'initstate')) !== '0')
      throw unavailable(`${ZRAM} is in use or absent.`, 'Free it (zramctl --reset), or load it: modprobe zram.')
    if (!algorithms.all.includes(settings.algorithm))
      throw unavailable(
        `zram of this kernel has no ${settings.algorithm}.`,
        `It has ${algorithms.all.join(', ')}: set "algorithm" to one of them.`,
      )
    before({ undo: 'zram', device: ZRAM, algorithm: algorithms.chosen })
    tree.write(settings.algorithm, tree.zramFile(ZRAM, 'comp_algorithm'))
    tree.write(String((slots + 1) * PAGE_SIZE), tree.zramFile(ZRAM, 'disksize'))
    if (settings.swap) {
      writeHeader(swapArea, slots)
      native.swapOn(swapArea, PRIORITY)
    }
  } else {
    const name = `swaplab-kernel-${id}.swap`
    before({ undo: 'swapfile', directory: preparation.directory, name })
    swapArea = makeSwapFile(preparation.directory, name, slots, (file) => native.swapOn(file, PRIORITY))
  }

  const limit = cgroups.version === 1 ? 'memory.limit_in_bytes' : 'memory.max'
  tree.write(String(preparation.memoryBytes), group, limit)
  // Its number may have gone to somebody else's meanwhile.
  if (!isAlive(workload)) throw unavailable(`Process ${pid} has ended.`, 'Run it again.')
  tree.write(String(pid), group, 'cgroup.procs')
  return { cgroup: cgroups.version, swapArea, group }
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

/** Sets zswap's limit to 0 %. The value before is in the journal first, unless preparing has put it there. */
export function closePool(folder: string, tree: KernelTree): void {
  const journal = readJournal(folder)
  const old = tree.zswap(POOL_LIMIT)
  if (!journal || old === null) throw new Error('no zswap is prepared')
  if (!journal.steps.some((step) => step.undo === 'zswap' && step.parameter === POOL_LIMIT)) {
    journal.steps.push({ undo: 'zswap', parameter: POOL_LIMIT, value: old })
    writeJournal(folder, journal)
  }
  tree.write('0', tree.zswapFile(POOL_LIMIT))
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

function refusedValue(parameter: string, value: string, why: string): LabError {
  return unavailable(
    `zswap's ${parameter} does not take "${value}" here: ${why}.`,
    parameter === 'compressor'
      ? 'Set "compressor" to one this kernel was built with: lzo is in most.'
      : `Look at ${parameter} in /sys/module/zswap/parameters: this kernel has to let root set it.`,
  )
}
