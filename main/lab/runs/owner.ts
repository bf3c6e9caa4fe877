import { readFileSync } from 'node:fs'
import type { Owner } from '../../../db/index.ts'

/** Start time of a process, clock ticks since boot (proc(5): field 22 of /proc/PID/stat); null where there is no such process. */
function startOf(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The second field, the name, may hold spaces and parentheses: fields are counted from its last parenthesis.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? null : fields[22 - 3]
  } catch {
    return null
  }
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return 'unknown'
  }
}

export function thisOwner(): Owner {
  return { pid: process.pid, start: startOf(process.pid) ?? 'unknown', boot: bootId() }
}

/** Whether the process that answered for something still lives: same boot, same pid, same start. */
export function isAlive(owner: Owner): boolean {
  return owner.boot === bootId() && startOf(owner.pid) === owner.start
}
