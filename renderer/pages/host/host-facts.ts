import type { DeviceFacts, HostReport } from '../../../main/contract/index.ts'
import { formatBytes, formatNs } from '../../format/quantity.ts'
import type { Fact } from '../../shell/fact-list.tsx'

/** The host as rows: what is stable first, readings last. */
export function hostFacts(host: HostReport): readonly Fact[] {
  const { cpu, zswap, zram, swaps } = host
  return [
    ['Host', `${host.hostname} (${host.id})`],
    ['CPU', `${cpu.model}, ${cpu.cores} cores${cpu.mhz ? `, ${Math.round(cpu.mhz)} MHz` : ''}`],
    ['Governor', cpu.governor],
    ['Memory', formatBytes(host.memoryBytes)],
    ['Kernel', host.kernel],
    ['System', host.os],
    ['Hypervisor', host.hypervisor ?? 'none found'],
    ['Node', host.node],
    ['Clock', `${host.clock.source}, ${formatNs(host.clock.overheadNs)} to read`],
    ['io_uring', host.ioUring.available ? 'available' : `unavailable: ${host.ioUring.reason ?? 'no reason given'}`],
    [
      'zswap',
      zswap
        ? Object.entries(zswap)
            .map(([key, value]) => `${key}=${value}`)
            .join(' ')
        : 'absent',
    ],
    ['zram', zram.length > 0 ? zram.map(({ name, algorithm }) => `${name} (${algorithm})`).join(', ') : 'no device'],
    ['Active swap', swaps.length > 0 ? swaps.join(', ') : 'none'],
    ['Load average', host.loadAverage.toFixed(2)],
    [
      'Pressure (some, 10 s)',
      Object.entries(host.pressure)
        .map(([resource, value]) => `${resource} ${value}\u00a0%`)
        .join(', ') || 'not reported by this kernel',
    ],
  ]
}

const yesNo = (value: boolean | null, yes: string, no: string): string | null =>
  value === null ? null : value ? yes : no

export function deviceFacts(device: DeviceFacts, hypervisor: string | null): readonly Fact[] {
  return [
    ['Directory', device.path],
    ['Device', device.device],
    ['Model', device.model],
    ['Firmware', device.firmware],
    ['Kind', diskKind(device, hypervisor)],
    ['Scheduler', device.scheduler],
    ['Write cache', device.writeCache],
    [
      'Block size',
      device.logicalBlockBytes === null
        ? null
        : `${formatBytes(device.logicalBlockBytes)} logical, ${device.physicalBlockBytes === null ? '–' : formatBytes(device.physicalBlockBytes)} physical`,
    ],
    ['Queue', device.queueDepth === null ? null : `${device.queueDepth} requests`],
    ['File system', `${device.fileSystem} at ${device.mountPoint}`],
    ['Mount options', device.mountOptions],
    ['Free space', `${formatBytes(device.freeBytes)} of ${formatBytes(device.totalBytes)}`],
  ]
}

/** A virtual disk often claims to rotate, because nobody told it otherwise. */
function diskKind(device: DeviceFacts, hypervisor: string | null): string | null {
  if (device.rotational && hypervisor !== null) return `says it rotates (virtual disk, ${hypervisor})`
  return yesNo(device.rotational, 'rotating disk', 'solid state')
}
