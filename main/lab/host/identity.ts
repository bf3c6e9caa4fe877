import { createHash } from 'node:crypto'
import type { HostReport } from '../../contract/index.ts'

/** Memory in classes, because firmware and kernel keep a share that changes with each: the power of two at or above it, bytes. */
function memoryClass(bytes: number): number {
  return 2 ** Math.ceil(Math.log2(bytes))
}

/**
 * Identity of a host, from what stays through its updates only: CPU model, cores, memory class, disk model. Kernel, firmware and configuration
 * are conditions (`changedConditions`), so that a history goes on over their change and shows it; names, serial numbers and readings are neither.
 */
export function hostIdentity(host: Omit<HostReport, 'id'>): string {
  const stable = [
    host.cpu.model,
    host.cpu.cores,
    memoryClass(host.memoryBytes),
    host.device.model ?? host.device.device,
  ]
  return createHash('sha256').update(JSON.stringify(stable)).digest('hex').slice(0, 16)
}
