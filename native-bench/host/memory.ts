import { HOST, type HostRoot, readText } from './reading.ts'

/** Bytes of each line of /proc/meminfo that has a unit, by its name there. */
export function parseMeminfo(text: string): Record<string, number> {
  const bytes: Record<string, number> = {}
  for (const [, name = '', kibibytes = ''] of text.matchAll(/^([\w()]+):\s+(\d+) kB$/gm))
    bytes[name] = Number(kibibytes) * 1024
  return bytes
}

export interface MemoryFacts {
  /** All that the kernel manages. */
  totalBytes: number
  /** What could be had without swapping, by the kernel's estimate; null before Linux 3.14. */
  availableBytes: number | null
  swapTotalBytes: number
  swapFreeBytes: number
}

/** @throws Error where /proc/meminfo cannot be read: no Linux does without. */
export function probeMemory(root: HostRoot = HOST): MemoryFacts {
  const bytes = parseMeminfo(readText(root.proc, 'meminfo') ?? '')
  const total = bytes.MemTotal
  if (total === undefined) throw new Error(`${root.proc}/meminfo does not say MemTotal`)
  return {
    totalBytes: total,
    availableBytes: bytes.MemAvailable ?? null,
    swapTotalBytes: bytes.SwapTotal ?? 0,
    swapFreeBytes: bytes.SwapFree ?? 0,
  }
}

/** Of one minute; null where the text has another form. */
export function parseLoadAverage(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?) /.exec(text)
  return match ? Number(match[1]) : null
}

/** @throws Error where /proc/loadavg cannot be read: no Linux does without. */
export function probeLoadAverage(root: HostRoot = HOST): number {
  const load = parseLoadAverage(readText(root.proc, 'loadavg') ?? '')
  if (load === null) throw new Error(`${root.proc}/loadavg does not say the load`)
  return load
}
