/** The door of the host probes. Importing it does not load the addon. */

export { type CpuFacts, probeCpu, probeTemperature } from './host/cpu.ts'
export { type CpuTime, cpuShares, probeCpuTime } from './host/cpu_time.ts'
export { type DiskFacts, probeDevice, probeDisk } from './host/device.ts'
export { type DiskTraffic, probeDiskstats } from './host/diskstats.ts'
export { probeHypervisor } from './host/hypervisor.ts'
export { type KernelFacts, probeHugepages, probeKernel } from './host/kernel.ts'
export { type MemoryFacts, probeLoadAverage, probeMemory } from './host/memory.ts'
export { type Pressure, type PressureLine, probePressure } from './host/pressure.ts'
export { HOST, type HostRoot } from './host/reading.ts'
export { probeHost } from './host/report.ts'
export { probeSwaps, probeZram, probeZswap, type SwapArea } from './host/swap.ts'
