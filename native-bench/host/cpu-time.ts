import { HOST, type HostRoot, readText } from './reading.ts'

/** Time of all CPUs together since boot, in clock ticks (USER_HZ, 100 a second), from /proc/stat. */
export interface CpuTime {
  user: number
  nice: number
  system: number
  idle: number
  iowait: number
  irq: number
  softirq: number
  /** Wanted by this machine, given by the hypervisor to another. */
  steal: number
}

export function parseCpuTime(text: string): CpuTime | null {
  const match = /^cpu +(.+)$/m.exec(text)
  const ticks = match?.[1]?.split(' ').map(Number) ?? []
  const [user, nice, system, idle, iowait = 0, irq = 0, softirq = 0, steal = 0] = ticks
  if (user === undefined || nice === undefined || system === undefined || idle === undefined) return null
  return { user, nice, system, idle, iowait, irq, softirq, steal }
}

export function probeCpuTime(root: HostRoot = HOST): CpuTime | null {
  return parseCpuTime(readText(root.proc, 'stat') ?? '')
}

export interface CpuShares {
  busy: number
  /** Of busy: programs, niced ones too, and not the kernel. */
  user: number
  iowait: number
  steal: number
  /** Of all CPUs, in the time between. */
  ticks: number
}

/** Shares (0..1) of the time between two readings; null where no tick has passed. */
export function cpuShares(before: CpuTime, after: CpuTime): CpuShares | null {
  const total = (time: CpuTime) =>
    time.user + time.nice + time.system + time.idle + time.iowait + time.irq + time.softirq + time.steal
  const passed = total(after) - total(before)
  if (passed <= 0) return null
  const iowait = Math.max(0, after.iowait - before.iowait) / passed
  const idle = Math.max(0, after.idle - before.idle) / passed
  const steal = Math.max(0, after.steal - before.steal) / passed
  const user = Math.max(0, after.user + after.nice - before.user - before.nice) / passed
  return { busy: Math.max(0, 1 - idle - iowait - steal), user, iowait, steal, ticks: passed }
}
