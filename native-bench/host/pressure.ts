import { HOST, type HostRoot, readText } from './reading.ts'

/** A line of a PSI file: shares of time stalled, in percent, and the total in µs. */
interface PressureLine {
  avg10: number
  avg60: number
  avg300: number
  totalUs: number
}

export interface Pressure {
  some: PressureLine | null
  /** CPU had none before Linux 5.13. */
  full: PressureLine | null
}

export function parsePressure(text: string): Pressure {
  const line = (name: string): PressureLine | null => {
    const match = new RegExp(`^${name} avg10=([\\d.]+) avg60=([\\d.]+) avg300=([\\d.]+) total=(\\d+)$`, 'm').exec(text)
    return match
      ? { avg10: Number(match[1]), avg60: Number(match[2]), avg300: Number(match[3]), totalUs: Number(match[4]) }
      : null
  }
  return { some: line('some'), full: line('full') }
}

const RESOURCES = ['cpu', 'io', 'memory'] as const

/** PSI by resource; a resource the kernel does not account is absent. */
export function probePressure(root: HostRoot = HOST): Partial<Record<(typeof RESOURCES)[number], Pressure>> {
  const pressure: Partial<Record<(typeof RESOURCES)[number], Pressure>> = {}
  for (const resource of RESOURCES) {
    const text = readText(root.proc, 'pressure', resource)
    if (text !== null) pressure[resource] = parsePressure(text)
  }
  return pressure
}

/** How long somebody has waited since the host started, µs (*some*), by resource. */
export function probeStalledUs(root: HostRoot = HOST): Partial<Record<(typeof RESOURCES)[number], number>> {
  return Object.fromEntries(
    Object.entries(probePressure(root)).flatMap(([resource, { some }]) => (some ? [[resource, some.totalUs]] : [])),
  )
}
