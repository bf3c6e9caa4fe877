import type { HostReport } from '../../main/contract/index.ts'
import type { Addon } from '../addon.ts'
import { probeCpu } from './cpu.ts'
import { probeDevice } from './device.ts'
import { probeHypervisor } from './hypervisor.ts'
import { probeKernel } from './kernel.ts'
import { probeLoadAverage, probeMemory } from './memory.ts'
import { probePressure } from './pressure.ts'
import { HOST, type HostRoot } from './reading.ts'
import { probeSwaps, probeZram, probeZswap } from './swap.ts'

/** Pairs of clock readings the clock's cost is the median of. */
const CLOCK_SAMPLES = 10_001

/**
 * Everything the host says of itself, as of now; the identity is the lab's to derive.
 *
 * @param path directory whose device is asked about
 * @throws Node's error with `code` where the path cannot be looked at
 */
export function probeHost(
  path: string,
  addon: Pick<Addon, 'uringProbe' | 'clockReadNs' | 'codecList'>,
  root: HostRoot = HOST,
): Omit<HostReport, 'id'> {
  const { model, cores, mhz, governor } = probeCpu(root)
  const { hostname, kernel, os, clockSource } = probeKernel(root)
  const pressure: Record<string, number> = {}
  for (const [resource, { some }] of Object.entries(probePressure(root)))
    if (some !== null) pressure[resource] = some.avg10
  return {
    hostname,
    cpu: { model, cores, mhz, governor },
    memoryBytes: probeMemory(root).totalBytes,
    kernel,
    os,
    hypervisor: probeHypervisor(root),
    node: process.version,
    device: probeDevice(path, root),
    zswap: probeZswap(root),
    zram: probeZram(root),
    swaps: probeSwaps(root).map((area) => area.path),
    pressure,
    loadAverage: probeLoadAverage(root),
    ioUring: addon.uringProbe(),
    clock: { source: clockSource, overheadNs: addon.clockReadNs(CLOCK_SAMPLES) },
    codecs: addon.codecList(),
    readAt: new Date().toISOString(),
  }
}
