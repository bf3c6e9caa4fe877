import { parseCpuinfo } from './cpu.ts'
import { HOST, type HostRoot, readText } from './reading.ts'

/** What firmware or kernel call a virtual machine, first match first. DMI strings as the vendors write them. */
const NAMES: [RegExp, string][] = [
  [/Amazon EC2/i, 'Amazon EC2'],
  [/Google/i, 'Google Compute Engine'],
  [/VMware/i, 'VMware'],
  [/VirtualBox|innotek/i, 'VirtualBox'],
  [/Microsoft Corporation.*Virtual Machine/i, 'Hyper-V'],
  [/Parallels/i, 'Parallels'],
  [/Xen/i, 'Xen'],
  [/OpenStack|QEMU|KVM|Bochs/i, 'KVM/QEMU'],
  [/DigitalOcean|Hetzner|Scaleway|Alibaba/i, 'KVM/QEMU'],
]

export interface HypervisorEvidence {
  /** DMI vendor and product. */
  dmi: string | null
  /** /sys/hypervisor/type */
  type: string | null
  clockSources: string | null
  cpuFlags: readonly string[]
}

/**
 * The hypervisor under this machine, as far as it shows itself; null on bare metal. Bare-metal machines of EC2 and Google carry
 * the vendor's name too, so a name counts only beside a CPU that says it is virtual (x86), or where CPUs do not say (arm64).
 */
export function nameHypervisor(evidence: HypervisorEvidence): string | null {
  const { dmi, type, clockSources, cpuFlags } = evidence
  const isX86 = cpuFlags.includes('tsc') || cpuFlags.includes('fpu')
  const virtual = cpuFlags.includes('hypervisor')
  if (isX86 && !virtual && type === null) return null
  if (dmi !== null) {
    const known = NAMES.find(([pattern]) => pattern.test(dmi))
    if (known) return known[1]
  }
  if (type !== null) return type === 'xen' ? 'Xen' : type
  if (clockSources?.includes('kvm-clock')) return 'KVM'
  if (clockSources?.includes('hyperv')) return 'Hyper-V'
  return virtual ? 'a hypervisor that does not give its name' : null
}

/** As nameHypervisor, of what this machine shows. */
export function probeHypervisor(root: HostRoot = HOST): string | null {
  const dmi = (name: string) => readText(root.sys, 'class/dmi/id', name)
  const names = [dmi('sys_vendor'), dmi('product_name'), dmi('board_vendor')].filter((name) => name !== null)
  return nameHypervisor({
    dmi: names.length > 0 ? names.join(' ') : null,
    type: readText(root.sys, 'hypervisor/type'),
    clockSources: readText(root.sys, 'devices/system/clocksource/clocksource0/available_clocksource'),
    cpuFlags: parseCpuinfo(readText(root.proc, 'cpuinfo') ?? '').flags,
  })
}
