import { setTimeout as sleep } from 'node:timers/promises'
import {
  cpuShares,
  probeCpu,
  probeCpuTime,
  probeDiskstats,
  probeHugepages,
  probeMemory,
  probePower,
  probeStalledUs,
  probeStaticHugepages,
  probeTemperature,
  probeThrottling,
} from '../../../native-bench/host.ts'

/** How long background I/O is watched, ms. */
const SAMPLE_MS = 2000

/** What changes from minute to minute and would spoil a measurement. */
export interface HostReadings {
  /** Of the swap file's device, per second; null where the kernel does not account it. */
  backgroundIo: { bytesPerS: number; busyShare: number } | null
  /** Of all CPUs over the same time; null where no tick has passed. */
  cpu: { busy: number; iowait: number; steal: number } | null
  /** PSI, *some*, percent of the same time, by resource; the kernel's own averages still hold what was before. Empty where it has none. */
  pressure: Record<string, number>
  /** Whether the clock may rise above its base; null where the host does not say. */
  boost: boolean | null
  hottest: { zone: string; celsius: number } | null
  /** Times a core was slowed down for its heat in these 2 s; null where the kernel does not count them. */
  throttled: number | null
  /** null: the host does not say, as servers do not. */
  power: 'battery' | 'mains' | null
  memory: { totalBytes: number; availableBytes: number | null }
  /** Of the host's own swap, in use. */
  swapUsedBytes: number
  /** 'always', 'madvise', 'never'; null where the kernel has none. */
  transparentHugepages: string | null
  /** Set aside; null where the kernel has none. */
  staticHugepages: number | null
}

/** Reads them all; takes about 2 s, in which nothing else should be started. */
export async function readHostNow(device: string | null): Promise<HostReadings> {
  const disk = () => (device === null ? null : probeDiskstats(device))
  const look = () => ({ disk: disk(), cpu: probeCpuTime(), throttled: probeThrottling(), stalledUs: probeStalledUs() })
  const start = performance.now()
  const before = look()
  await sleep(SAMPLE_MS)
  const after = { ...look(), ms: performance.now() - start }
  const { totalBytes, availableBytes, swapTotalBytes, swapFreeBytes } = probeMemory()
  const moved = (traffic: { readBytes: number; writtenBytes: number }) => traffic.readBytes + traffic.writtenBytes
  return {
    backgroundIo:
      before.disk && after.disk
        ? {
            bytesPerS: ((moved(after.disk) - moved(before.disk)) / after.ms) * 1000,
            busyShare: Math.min(1, (after.disk.busyMs - before.disk.busyMs) / after.ms),
          }
        : null,
    cpu: before.cpu && after.cpu ? cpuShares(before.cpu, after.cpu) : null,
    pressure: Object.fromEntries(
      (['cpu', 'memory', 'io'] as const).flatMap((resource) => {
        const [from, to] = [before.stalledUs[resource], after.stalledUs[resource]]
        return from === undefined || to === undefined ? [] : [[resource, Math.min(100, (to - from) / (after.ms * 10))]]
      }),
    ),
    boost: probeCpu().boost,
    hottest: probeTemperature(),
    throttled:
      before.throttled === null || after.throttled === null ? null : Math.max(0, after.throttled - before.throttled),
    power: probePower(),
    memory: { totalBytes, availableBytes },
    swapUsedBytes: swapTotalBytes - swapFreeBytes,
    transparentHugepages: probeHugepages(),
    staticHugepages: probeStaticHugepages(),
  }
}
