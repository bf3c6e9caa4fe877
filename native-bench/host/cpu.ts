import type { HostReport } from '../../main/contract/index.ts'
import { HOST, type HostRoot, readInteger, readNames, readText } from './reading.ts'

/** What /proc/cpuinfo says; x86 writes 'model name' and 'flags', arm64 numbers and 'Features'. */
export interface CpuInfo {
  model: string | null
  /** Processors listed: hardware threads that are online. */
  processors: number
  /** Of the first processor, now. */
  mhz: number | null
  flags: string[]
}

export function parseCpuinfo(text: string): CpuInfo {
  const field = (name: string) => new RegExp(`^${name}\\s*:[ \\t]*(.+)$`, 'm').exec(text)?.[1]?.trim() ?? null
  const implementer = field('CPU implementer')
  const part = field('CPU part')
  const mhz = field('cpu MHz')
  return {
    model:
      field('model name') ??
      field('Model') ??
      (implementer !== null && part !== null ? `implementer ${implementer} part ${part}` : null),
    processors: text.match(/^processor\s*:/gm)?.length ?? 0,
    mhz: mhz === null ? null : Number(mhz),
    flags: (field('flags') ?? field('Features'))?.split(/\s+/) ?? [],
  }
}

export type CpuFacts = HostReport['cpu'] & {
  /** Whether the clock may rise above its nominal rate; null where the driver does not say. */
  boost: boolean | null
  /** Whether two hardware threads share a core; null where the kernel does not say. */
  smt: boolean | null
}

/** Of /proc/cpuinfo and sysfs; its governor is that of the first CPU. */
export function probeCpu(root: HostRoot = HOST): CpuFacts {
  const info = parseCpuinfo(readText(root.proc, 'cpuinfo') ?? '')
  const cpus = `${root.sys}/devices/system/cpu`
  const noTurbo = readInteger(cpus, 'intel_pstate/no_turbo')
  const boost = noTurbo === null ? readInteger(cpus, 'cpufreq/boost') : 1 - noTurbo
  const smt = readInteger(cpus, 'smt/active')
  return {
    model: info.model ?? 'unknown',
    cores: info.processors || readNames(cpus).filter((name) => /^cpu\d+$/.test(name)).length,
    mhz: info.mhz,
    governor: readText(cpus, 'cpu0/cpufreq/scaling_governor'),
    boost: boost === null ? null : boost === 1,
    smt: smt === null ? null : smt === 1,
  }
}

/** The hottest thermal zone, in degrees Celsius; null where there is none. */
export function probeTemperature(root: HostRoot = HOST): { zone: string; celsius: number } | null {
  let hottest: { zone: string; celsius: number } | null = null
  for (const name of readNames(root.sys, 'class/thermal')) {
    const millidegrees = readInteger(root.sys, 'class/thermal', name, 'temp')
    if (millidegrees === null || (hottest !== null && millidegrees / 1000 <= hottest.celsius)) continue
    hottest = { zone: readText(root.sys, 'class/thermal', name, 'type') ?? name, celsius: millidegrees / 1000 }
  }
  return hottest
}
