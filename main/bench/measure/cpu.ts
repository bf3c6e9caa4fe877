import { readFileSync } from 'node:fs'
import { native } from '../../../native-bench/index.ts'
import { type ExperimentSpec, LabError } from '../../contract/index.ts'

/**
 * The CPU to measure a disk from. An I/O whose completion interrupt lands on another, sleeping CPU costs a wake-up across
 * CPUs (20 to 35 µs of 70 on a small virtual machine), so both sides of a comparison must run on the same one, best that one.
 */

/** Interrupts of block devices: virtio-blk, NVMe, AHCI, SCSI hosts, Xen. */
const BLOCK_INTERRUPT = /(virtio\d+-req|virtio\d+-request|nvme\d+q|ahci|megasas|mpt\dsas|_scsi|blkif)/

/** The allowed CPU with the most block interrupts so far, else the last allowed one. Texts of /proc/interrupts and /proc/self/status. */
export function chooseCpu(interrupts: string, status: string): number | null {
  const allowed = allowedCpus(status)
  if (allowed.length === 0) return null
  const [head, ...rows] = interrupts.split('\n')
  const columns = head.split(/\s+/).filter((word) => /^CPU\d+$/.test(word))
  const counts = new Map<number, number>()
  for (const row of rows) {
    if (!BLOCK_INTERRUPT.test(row)) continue
    const values = row.trim().split(/\s+/).slice(1)
    for (const [i, column] of columns.entries()) {
      const cpu = Number(column.slice(3))
      counts.set(cpu, (counts.get(cpu) ?? 0) + (Number(values[i]) || 0))
    }
  }
  let best = allowed[allowed.length - 1]
  for (const cpu of allowed) if ((counts.get(cpu) ?? 0) > (counts.get(best) ?? 0)) best = cpu
  return best
}

function allowedCpus(status: string): number[] {
  const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1]
  if (list === undefined) return []
  return list.split(',').flatMap((range) => {
    const [first, last = first] = range.split('-').map(Number)
    return Array.from({ length: last - first + 1 }, (_, i) => first + i)
  })
}

/** For this host; null where /proc does not tell. */
export function diskCpu(): number | null {
  try {
    return chooseCpu(readFileSync('/proc/interrupts', 'latin1'), readFileSync('/proc/self/status', 'latin1'))
  } catch {
    return null // not Linux, or /proc is masked as in some containers
  }
}

/** @throws LabError `bad_input` for a CPU that this process may not use, where /proc says which it may */
export function checkCpu(choice: ExperimentSpec['cpu'], status = statusOfProcess()): void {
  const allowed = allowedCpus(status)
  if (typeof choice !== 'number' || allowed.length === 0 || allowed.includes(choice)) return
  throw cannotPin(choice, `this process may use CPU ${allowed.join(', ')}`)
}

function statusOfProcess(): string {
  try {
    return readFileSync('/proc/self/status', 'latin1')
  } catch {
    return '' // not Linux, or /proc is masked
  }
}

/**
 * Pins this thread, and those it starts from now on, to the CPU that a specification asks for.
 * @returns the CPU; null where it may run on any
 * @throws LabError `bad_input` where the host has no such CPU, or does not allow it
 */
export function pinEngine(choice: ExperimentSpec['cpu']): number | null {
  checkCpu(choice)
  const cpu = choice === 'any' ? null : choice === 'disk' ? diskCpu() : choice
  if (cpu === null) return null
  try {
    native.pinCpu(cpu)
  } catch (error) {
    throw cannotPin(cpu, error instanceof Error ? error.message : String(error), error)
  }
  return cpu
}

function cannotPin(cpu: number, why: string, cause?: unknown): LabError {
  return new LabError(
    {
      code: 'bad_input',
      message: `The engine cannot be pinned to CPU ${cpu}: ${why}.`,
      field: 'cpu',
      remedy: 'Choose a CPU that this process may use (taskset -p), "disk", or "any".',
    },
    { cause },
  )
}
