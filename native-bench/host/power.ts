import { HOST, type HostRoot, readInteger, readNames, readText } from './reading.ts'

/** What this machine runs on: a battery that discharges, or mains; null where it shows neither, as servers do. */
export function probePower(root: HostRoot = HOST): 'battery' | 'mains' | null {
  const supplies = readNames(root.sys, 'class/power_supply').map((name) => {
    const read = (file: string) => readText(root.sys, 'class/power_supply', name, file)
    return { type: read('type'), status: read('status'), online: read('online') }
  })
  // Mice and headsets have batteries too; none of them makes this machine discharge.
  if (supplies.some(({ type, online }) => type === 'Mains' && online === '1')) return 'mains'
  if (supplies.some(({ type, status }) => type === 'Battery' && status === 'Discharging')) return 'battery'
  return supplies.length > 0 ? 'mains' : null
}

/** How often the cores were slowed down for their heat since boot; null where the kernel does not count it. */
export function probeThrottling(root: HostRoot = HOST): number | null {
  const cpus = `${root.sys}/devices/system/cpu`
  const counts = readNames(cpus)
    .filter((name) => /^cpu\d+$/.test(name))
    .map((name) => readInteger(cpus, name, 'thermal_throttle/core_throttle_count'))
    .filter((count) => count !== null)
  return counts.length === 0 ? null : counts.reduce((sum, count) => sum + count, 0)
}
