import { HOST, type HostRoot, readText } from './reading.ts'

/** What a process is at. */
export interface ProcessActivity {
  /** Its first thread runs or could run, waits for something, or is stopped (SIGSTOP, a debugger). */
  state: 'running' | 'waiting' | 'stopped'
  /** Time of all its threads so far, s. */
  cpuSeconds: number
}

/** USER_HZ: ticks a second of all times in /proc. */
const TICKS_PER_SECOND = 100

/** Of the text of /proc/PID/stat. */
export function parseActivity(stat: string): ProcessActivity {
  // Fields are counted from behind the name, as in parseStartTicks: utime and stime are 14 and 15 (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return {
    state: fields[0] === 'R' ? 'running' : 'Tt'.includes(fields[0]) ? 'stopped' : 'waiting',
    cpuSeconds: (Number(fields[14 - 3]) + Number(fields[15 - 3])) / TICKS_PER_SECOND,
  }
}

/** Null where there is no such process. */
export function probeActivity(pid: number, root: HostRoot = HOST): ProcessActivity | null {
  const stat = readText(root.proc, String(pid), 'stat')
  return stat === null ? null : parseActivity(stat)
}
