import { mkdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { bootId, type ProcessIdentity, thisProcess } from '../../../native-bench/host.ts'
import { native, PAGE_SIZE } from '../../../native-bench/index.ts'
import { LabError } from '../../contract/index.ts'
import {
  beginJournal,
  CGROUP_NAME,
  type JournalFile,
  removeJournal,
  type Step,
  writeJournal,
  type ZswapParameter,
} from '../journal.ts'
import type { KernelTree } from '../kernel-tree.ts'
import type { KernelSettings } from '../settings.ts'
import { makeSwapFile, writeHeader } from '../swap-area.ts'
import { type Restored, undo } from '../undo.ts'

/** The highest there is: should another area appear, ours is still the one in use. */
const PRIORITY = 32_767

const ZRAM = 'zram0'
const POOL_LIMIT = 'max_pool_percent'

export function unavailable(message: string, remedy: string): LabError {
  return new LabError({ code: 'unavailable', message, remedy })
}

/**
 * What one trial changes of the kernel. Each change is in the journal, with the value before, before it is made. The journal lies in a folder of the
 * user's, who may remove it or write over it: it is for those who come when this process is no more.
 */
export class Changes {
  private readonly folder: string
  private readonly tree: KernelTree
  private readonly journal: JournalFile

  /** @param folder of the journal */
  constructor(folder: string, tree: KernelTree) {
    this.folder = folder
    this.tree = tree
    this.journal = { version: 1, bootId: bootId(), owner: thisProcess(), steps: [] }
  }

  private before(step: Step): void {
    const { steps } = this.journal
    const write = steps.length === 0 ? beginJournal : writeJournal
    write(this.folder, { ...this.journal, steps: [...steps, step] })
    steps.push(step)
  }

  /** Puts all of it back. What could not be stays in the journal. */
  undo(): Restored {
    if (this.journal.steps.length === 0) return { done: [], left: [] }
    const restored = undo(this.journal, this.tree)
    if (restored.left.length === 0) {
      removeJournal(this.folder)
      this.journal.steps.length = 0
    }
    return restored
  }

  /** Comes first: until the group goes, last of all, no other helper begins, not even one with another data folder. */
  makeGroup(group: string, root: string, workload: ProcessIdentity): void {
    this.before({ undo: 'cgroup', name: basename(group), workload })
    mkdirSync(group, { mode: 0o755 })
    const others = this.tree.groups(root).filter((name) => CGROUP_NAME.test(name) && name !== basename(group))
    if (others.length > 0)
      throw new LabError({
        code: 'busy',
        message: `Another kernel lane is under way on this host, or was killed before it had put it back (${join(root, others[0])}).`,
        remedy: 'Wait for its run, or put the host back: "swaplab restore" with the data folder of that lab (--data).',
      })
  }

  setPageCluster(value: number): void {
    const { tree } = this
    this.before({ undo: 'page-cluster', value: Number(tree.read(tree.pageClusterFile) ?? Number.NaN) })
    tree.write(String(value), tree.pageClusterFile)
  }

  /** zswap as the lane has it: its own, or none in front of it, which would answer instead. */
  setZswap(settings: KernelSettings): void {
    const { tree } = this
    if (settings.lane !== 'kernel-zswap') {
      if (tree.zswap('enabled') !== null) this.setParameter('enabled', 'N')
      return
    }
    // Enabled first: until then any name of a compressor is accepted without a word.
    this.setParameter('enabled', 'Y')
    this.setParameter('compressor', settings.compressor)
    this.setParameter(POOL_LIMIT, String(settings.poolPercent))
    this.setParameter('accept_threshold_percent', String(settings.acceptPercent))
    if (settings.shrinker || tree.zswap('shrinker_enabled') !== null)
      this.setParameter('shrinker_enabled', settings.shrinker ? 'Y' : 'N')
  }

  private setParameter(parameter: ZswapParameter, value: string): void {
    const { tree } = this
    const old = tree.zswap(parameter)
    if (old === value) return
    if (old === null)
      throw unavailable(
        `This kernel's zswap has no ${parameter}.`,
        'Use another kernel, or leave the setting at its default.',
      )
    this.before({ undo: 'zswap', parameter, value: old })
    try {
      tree.write(value, tree.zswapFile(parameter))
    } catch (error) {
      throw refusedValue(parameter, value, error instanceof Error ? error.message : String(error))
    }
    if (tree.zswap(parameter) !== value) throw refusedValue(parameter, value, `it stayed ${tree.zswap(parameter)}`)
  }

  /** Sets zswap's limit to 0 %. */
  closePool(): void {
    const { tree } = this
    const old = tree.zswap(POOL_LIMIT)
    if (old === null) throw new Error('there is no zswap')
    // What preparing has set was never the host's.
    if (!this.journal.steps.some((step) => step.undo === 'zswap' && step.parameter === POOL_LIMIT))
      this.before({ undo: 'zswap', parameter: POOL_LIMIT, value: old })
    tree.write('0', tree.zswapFile(POOL_LIMIT))
  }

  /** @returns the device, swapped on where the lane swaps */
  takeZram({ algorithm, swap }: Extract<KernelSettings, { lane: 'kernel-zram' }>, slots: number): string {
    const { tree } = this
    const device = `/dev/${ZRAM}`
    const algorithms = tree.zramAlgorithms(ZRAM)
    if (!algorithms || tree.read(tree.zramFile(ZRAM, 'initstate')) !== '0')
      throw unavailable(`${ZRAM} is in use or absent.`, 'Free it (zramctl --reset), or load it: modprobe zram.')
    if (!algorithms.all.includes(algorithm))
      throw unavailable(
        `zram of this kernel has no ${algorithm}.`,
        `It has ${algorithms.all.join(', ')}: set "algorithm" to one of them.`,
      )
    this.before({ undo: 'zram', device: ZRAM, algorithm: algorithms.chosen })
    tree.write(algorithm, tree.zramFile(ZRAM, 'comp_algorithm'))
    tree.write(String((slots + 1) * PAGE_SIZE), tree.zramFile(ZRAM, 'disksize'))
    if (swap) {
      writeHeader(device, slots)
      native.swapOn(device, PRIORITY)
    }
    return device
  }

  /** @returns the file, swapped on */
  addSwapFile(directory: string, name: string, slots: number): string {
    this.before({ undo: 'swapfile', directory, name })
    return makeSwapFile(directory, name, slots, (file) => native.swapOn(file, PRIORITY))
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
