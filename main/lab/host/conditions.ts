import type { HostReport } from '../../contract/index.ts'

/** What a run was measured under: the host as it was then, and the version of Swaplab. */
export interface Conditions {
  host: HostReport
  version: string
}

/** What an update or another setting changes on the same host. */
function conditionsOf({ host, version }: Conditions): Map<string, string | null> {
  const { device } = host
  return new Map([
    ['Swaplab', version],
    ['kernel', host.kernel],
    ['firmware', device.firmware],
    ['hypervisor', host.hypervisor],
    ['Node', host.node],
    ['governor', host.cpu.governor],
    ['clock source', host.clock.source],
    ['I/O scheduler', device.scheduler],
    ['write cache', device.writeCache],
    ['file system', device.fileSystem],
    ['mount options', device.mountOptions],
    ...host.codecs.map(({ package: name, version }): [string, string | null] => [name, version]),
  ])
}

/** What was other after than before, as 'kernel 6.1.0 → 6.12.0'; '–' is none, or not known. */
export function changedConditions(before: Conditions, after: Conditions): string[] {
  const [from, to] = [conditionsOf(before), conditionsOf(after)]
  return [...new Set([...from.keys(), ...to.keys()])].flatMap((name) => {
    const [old, now] = [from.get(name) ?? '–', to.get(name) ?? '–']
    return old === now ? [] : [`${name} ${old} → ${now}`]
  })
}
