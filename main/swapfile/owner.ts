import { readFileSync } from 'node:fs'
import type { SwapfileHeader } from './header.ts'

type Owner = SwapfileHeader['owner']

/** Start of a process in clock ticks after boot; null where there is no such process, or it is a zombie. */
function startTicks(pid: number): number | null {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return null // ENOENT, ESRCH: gone
  }
  // The command's name, in parentheses, may hold spaces and parentheses itself: fields are counted from the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' ? null : Number(fields[19])
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
}

/** The identity of a living process, this one by default. @throws Error where it is gone */
export function ownerOf(pid: number = process.pid): Owner {
  const ticks = startTicks(pid)
  if (ticks === null) throw new Error(`process ${pid} is gone`)
  return { pid, startTicks: ticks, bootId: bootId() }
}

/** True where exactly that process still runs: same boot, same pid, same start. */
export function isAlive(owner: Owner): boolean {
  return owner.bootId === bootId() && startTicks(owner.pid) === owner.startTicks
}
