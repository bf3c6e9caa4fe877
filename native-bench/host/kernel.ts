import { HOST, type HostRoot, readInteger, readText } from './reading.ts'

export interface KernelFacts {
  hostname: string
  /** Release and version: '6.1.0-31-amd64 #1 SMP …'. */
  kernel: string
  /** 'Debian GNU/Linux 12 (bookworm)' */
  os: string
  /** 'tsc', 'kvm-clock', 'hpet'; 'unknown' where the kernel does not say. */
  clockSource: string
}

/** PRETTY_NAME of os-release(5), else NAME; null where neither is there. */
export function parseOsRelease(text: string): string | null {
  for (const key of ['PRETTY_NAME', 'NAME']) {
    const value = new RegExp(`^${key}=(.*)$`, 'm').exec(text)?.[1]?.trim()
    if (value) return value.replace(/^(["'])(.*)\1$/, '$2').replace(/\\(["$`\\])/g, '$1')
  }
  return null
}

export function probeKernel(root: HostRoot = HOST): KernelFacts {
  const kernel = (name: string) => readText(root.proc, 'sys/kernel', name)
  const release = [kernel('osrelease'), kernel('version')].filter((part) => part !== null).join(' ')
  return {
    hostname: kernel('hostname') ?? 'unknown',
    kernel: release || 'unknown',
    os: parseOsRelease(readText(root.etc, 'os-release') ?? '') ?? kernel('ostype') ?? 'unknown',
    clockSource: readText(root.sys, 'devices/system/clocksource/clocksource0/current_clocksource') ?? 'unknown',
  }
}

/** The chosen word of transparent_hugepage/enabled: 'always', 'madvise', 'never'; null where the kernel has none. */
export function probeHugepages(root: HostRoot = HOST): string | null {
  const text = readText(root.sys, 'kernel/mm/transparent_hugepage/enabled')
  return text === null ? null : (/\[(\w+)\]/.exec(text)?.[1] ?? null)
}

/** Huge pages set aside (vm.nr_hugepages): memory that nobody else can use. Null where the kernel has none. */
export function probeStaticHugepages(root: HostRoot = HOST): number | null {
  return readInteger(root.proc, 'sys/vm/nr_hugepages')
}
