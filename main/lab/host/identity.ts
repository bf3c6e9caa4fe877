import { createHash } from 'node:crypto'
import type { HostReport } from '../../contract/index.ts'

/** Memory in classes, because firmware and kernel keep a share that changes with each: the power of two at or above it, bytes. */
function memoryClass(bytes: number): number {
  return 2 ** Math.ceil(Math.log2(bytes))
}

/** '6.1' of '6.1.0-31-amd64 #1 SMP …'. */
function kernelLine(kernel: string): string {
  return /^\d+\.\d+/.exec(kernel)?.[0] ?? kernel
}

/**
 * Identity of a host, from what is stable only: CPU model, cores, memory class, disk model and firmware, kernel major.minor.
 * Names, serial numbers, free space and readings that change at each boot are no part of it.
 */
export function hostIdentity(host: Omit<HostReport, 'id'>): string {
  const stable = [
    host.cpu.model,
    host.cpu.cores,
    memoryClass(host.memoryBytes),
    host.device.model ?? host.device.device,
    host.device.firmware,
    kernelLine(host.kernel),
  ]
  return createHash('sha256').update(JSON.stringify(stable)).digest('hex').slice(0, 16)
}
