import { HOST, type HostRoot, readText } from './reading.ts'

/** A process that can be told from every other one, also after its number was given to another. */
export interface ProcessIdentity {
  pid: number
  /** Clock ticks after boot. */
  startTicks: number
  bootId: string
}

/** Start of a process by its /proc/PID/stat; null for a zombie. */
export function parseStartTicks(stat: string): number | null {
  // The second field, the name in parentheses, may hold spaces and parentheses itself: fields are counted from the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' ? null : Number(fields[22 - 3]) // starttime is field 22 (proc(5)), and two are cut off
}

function startTicks(pid: number, root: HostRoot): number | null {
  const stat = readText(root.proc, String(pid), 'stat')
  return stat === null ? null : parseStartTicks(stat)
}

/** Another one after each start of the system; 'unknown' where the kernel does not say. */
export function bootId(root: HostRoot = HOST): string {
  return readText(root.proc, 'sys/kernel/random/boot_id') ?? 'unknown'
}

/** Null where there is no such process, or it is a zombie. */
export function identityOf(pid: number, root: HostRoot = HOST): ProcessIdentity | null {
  const ticks = startTicks(pid, root)
  return ticks === null ? null : { pid, startTicks: ticks, bootId: bootId(root) }
}

/** @throws Error where /proc is not there */
export function thisProcess(): ProcessIdentity {
  const identity = identityOf(process.pid)
  if (identity === null) throw new Error('/proc does not show this process')
  return identity
}

/** Whether exactly that process still runs: same boot, same pid, same start. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identity.bootId === bootId() && startTicks(identity.pid, HOST) === identity.startTicks
}
