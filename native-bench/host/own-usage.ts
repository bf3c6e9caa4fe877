import { readFileSync, writeFileSync } from 'node:fs'

/**
 * What the calling process has used, all of its threads included: CPU time, and its largest resident set since it began or restartPeakRss() was called.
 * (That of getrusage is never less than its parent's was when it started this process.)
 */
export function ownUsage(): { userS: number; sysS: number; maxRssBytes: number } {
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage()
  return { userS: userCPUTime / 1e6, sysS: systemCPUTime / 1e6, maxRssBytes: peakRssBytes() ?? maxRSS * 1024 }
}

/** VmHWM of proc_pid_status(5); null where the kernel does not say. */
export function parsePeakRss(status: string): number | null {
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]
  return kib === undefined ? null : Number(kib) * 1024
}

function peakRssBytes(): number | null {
  try {
    return parsePeakRss(readFileSync('/proc/self/status', 'latin1'))
  } catch {
    return null
  }
}

/** From now on the largest resident set is that of the time to come; false where this kernel cannot (proc_pid_clear_refs(5), since Linux 4.0). */
export function restartPeakRss(): boolean {
  try {
    writeFileSync('/proc/self/clear_refs', '5')
    return true
  } catch {
    return false
  }
}
