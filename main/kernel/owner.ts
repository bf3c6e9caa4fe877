import { readFileSync } from 'node:fs'
import { z } from 'zod'

/** A process that can be told from every other one, also after its number was given to another. */
export const Owner = z.strictObject({
  pid: z.int().min(1),
  /** Clock ticks after boot: field 22 of /proc/PID/stat (proc(5)). */
  startTicks: z.int(),
  bootId: z.string(),
})
export type Owner = z.infer<typeof Owner>

/** Null where there is no such process, or it is a zombie. */
function startTicks(pid: number): number | null {
  let stat: string
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch {
    return null // ENOENT, ESRCH: gone
  }
  // The name may hold spaces and parentheses itself: fields are counted from the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return fields[0] === 'Z' ? null : Number(fields[19])
}

export function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
}

/** Null where the process is gone. */
export function ownerOf(pid: number): Owner | null {
  const ticks = startTicks(pid)
  return ticks === null ? null : { pid, startTicks: ticks, bootId: bootId() }
}

/** True where exactly that process still runs: same boot, same pid, same start. */
export function isAlive(owner: Owner): boolean {
  return owner.bootId === bootId() && startTicks(owner.pid) === owner.startTicks
}
