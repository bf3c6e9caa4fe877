import { HOST, type HostRoot, readInteger, readText } from './reading.ts'

/** Field 39 of /proc/PID/stat, the CPU last run on. The name in brackets may hold anything, so fields are counted behind it. */
export function parseLastCpu(stat: string): number | null {
  const cpu = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[36]
  return cpu !== undefined && /^\d+$/.test(cpu) ? Number(cpu) : null
}

/** Clock of the CPU a process last ran on, MHz; null where cpufreq does not show one, as in most virtual machines. */
export function probeFrequency(process: number | 'self' = 'self', root: HostRoot = HOST): number | null {
  const cpu = parseLastCpu(readText(root.proc, `${process}/stat`) ?? '')
  if (cpu === null) return null
  const khz = readInteger(root.sys, `devices/system/cpu/cpu${cpu}/cpufreq/scaling_cur_freq`)
  return khz === null ? null : khz / 1000
}
