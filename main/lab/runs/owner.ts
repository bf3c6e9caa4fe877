import type { Owner } from '../../../db/index.ts'
import { isAlive as isProcessAlive, thisProcess } from '../../../native-bench/host.ts'

/** This process, as the history names who answers for a run. */
export function thisOwner(): Owner {
  const { pid, startTicks, bootId } = thisProcess()
  return { pid, start: String(startTicks), boot: bootId }
}

/** Whether the process that answered for something still lives. */
export function isAlive({ pid, start, boot }: Owner): boolean {
  return isProcessAlive({ pid, startTicks: Number(start), bootId: boot })
}
