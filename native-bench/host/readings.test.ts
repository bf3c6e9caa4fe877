import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { HostReport } from '../../main/contract/index.ts'
import { native } from '../index.ts'
import { parseCpuinfo } from './cpu.ts'
import { cpuShares, parseCpuTime } from './cpu-time.ts'
import { parseDiskstats } from './diskstats.ts'
import { parseLastCpu, probeFrequency } from './frequency.ts'
import { nameHypervisor } from './hypervisor.ts'
import { parseOsRelease, probeHugepages, probeKernel } from './kernel.ts'
import { parseLoadAverage, parseMeminfo } from './memory.ts'
import { parseOwnIo } from './own-io.ts'
import { ownUsage, parsePeakRss } from './own-usage.ts'
import { parsePressure, probePressure } from './pressure.ts'
import { probeHost } from './report.ts'
import { parseAlgorithm, parseSwaps, probeZram, probeZswap } from './swap.ts'

/** A host that shows nothing. */
const NOTHING = { proc: '/nonexistent', sys: '/nonexistent', etc: '/nonexistent' }

describe('cpuinfo', () => {
  it('of an x86 machine', () => {
    const text = `processor\t: 0
vendor_id\t: AuthenticAMD
model\t\t: 33
model name\t: AMD Ryzen 9 5950X 16-Core Processor
cpu MHz\t\t: 3393.624
flags\t\t: fpu vme de tsc

processor\t: 1
model name\t: AMD Ryzen 9 5950X 16-Core Processor
cpu MHz\t\t: 2200.000
`
    expect(parseCpuinfo(text)).toEqual({
      model: 'AMD Ryzen 9 5950X 16-Core Processor',
      processors: 2,
      mhz: 3393.624,
      flags: ['fpu', 'vme', 'de', 'tsc'],
    })
  })

  it('of an arm64 machine, which gives numbers and no clock', () => {
    const text = `processor\t: 0
BogoMIPS\t: 243.75
Features\t: fp asimd
CPU implementer\t: 0x41
CPU part\t: 0xd0c
`
    expect(parseCpuinfo(text)).toEqual({
      model: 'implementer 0x41 part 0xd0c',
      processors: 1,
      mhz: null,
      flags: ['fp', 'asimd'],
    })
  })
})

describe('CPU time', () => {
  const at = (line: string) => {
    const time = parseCpuTime(`${line}\ncpu0 1 2 3 4\nintr 5\n`)
    if (time === null) throw new Error('not understood')
    return time
  }

  it('is shared out between two readings, stolen time apart', () => {
    const before = at('cpu  70636 75 13997 394731 1227 0 255 56 0 0')
    const after = at('cpu  70686 75 13997 394761 1237 0 255 66 0 0')
    expect(cpuShares(before, after)).toEqual({
      busy: expect.closeTo(0.5),
      user: 0.5,
      iowait: 0.1,
      steal: 0.1,
      ticks: 100,
    })
    expect(cpuShares(before, before)).toBeNull()
  })

  it('of an old kernel has no steal', () => {
    expect(at('cpu 1 2 3 4')).toMatchObject({ idle: 4, steal: 0 })
    expect(parseCpuTime('')).toBeNull()
  })
})

it('own usage grows with what this process does', () => {
  const before = ownUsage()
  const memory = new Uint8Array(32 * 1024 * 1024).fill(1)
  const after = ownUsage()
  expect(after.maxRssBytes).toBeGreaterThanOrEqual(memory.length)
  expect(after.userS + after.sysS).toBeGreaterThan(before.userS + before.sysS)
})

it('the largest resident set is of this process alone, and begins anew when asked to', () => {
  // A child is born with the maxrss of its parent, which getrusage never forgets.
  const large = new Uint8Array(256 * 1024 * 1024).fill(1)
  const script = `
    import { ownUsage, restartPeakRss } from ${JSON.stringify(new URL('./own-usage.ts', import.meta.url))}
    const born = ownUsage().maxRssBytes
    let memory = new ArrayBuffer(128 * 2 ** 20)
    new Uint8Array(memory).fill(1)
    const full = ownUsage().maxRssBytes
    memory.transfer(0)
    const restarted = restartPeakRss()
    console.log(JSON.stringify({ born, full, restarted, after: ownUsage().maxRssBytes }))`
  const { born, full, restarted, after } = JSON.parse(
    execFileSync(process.execPath, ['--input-type=module-typescript', '-e', script], { encoding: 'utf8' }),
  )
  expect(born).toBeLessThan(large.length)
  expect(full).toBeGreaterThan(born + 100 * 2 ** 20)
  if (restarted) expect(after).toBeLessThan(full - 100 * 2 ** 20)
  expect(parsePeakRss('VmPeak:\t   90000 kB\nVmHWM:\t    1234 kB\nVmRSS:\t    1000 kB\n')).toBe(1234 * 1024)
  expect(parsePeakRss('')).toBeNull()
})

it('own I/O is what reached block devices, not what was asked of the page cache', () => {
  const text =
    'rchar: 1948\nwchar: 0\nsyscr: 7\nsyscw: 0\nread_bytes: 4096\nwrite_bytes: 8192\ncancelled_write_bytes: 0\n'
  expect(parseOwnIo(text)).toEqual({ readBytes: 4096, writtenBytes: 8192 })
  expect(parseOwnIo('')).toBeNull()
})

it('the CPU last run on is field 39, whatever the name of the process is', () => {
  const fields = Array.from({ length: 50 }, (_, index) => String(index + 3))
  expect(parseLastCpu(`4711 (a) b) ${fields.join(' ')}`)).toBe(39)
  expect(parseLastCpu('')).toBeNull()
  expect(probeFrequency('self', NOTHING)).toBeNull()
})

it('pressure has some, and full where the kernel accounts it', () => {
  const some = 'some avg10=4.57 avg60=16.09 avg300=17.38 total=143933777'
  expect(parsePressure(`${some}\n`)).toEqual({
    some: { avg10: 4.57, avg60: 16.09, avg300: 17.38, totalUs: 143933777 },
    full: null,
  })
  expect(parsePressure(`${some}\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0`).full?.totalUs).toBe(0)
})

it('memory is in bytes', () => {
  expect(parseMeminfo('MemTotal:       24684092 kB\nActive(anon):     12 kB\nHugePages_Total:       0\n')).toEqual({
    MemTotal: 24684092 * 1024,
    'Active(anon)': 12 * 1024,
  })
})

it('load is that of one minute', () => {
  expect(parseLoadAverage('1.48 1.74 0.98 1/111 15767\n')).toBe(1.48)
  expect(parseLoadAverage('')).toBeNull()
})

it('swap areas have their names and bytes', () => {
  const text = `Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority
/dev/dm-2                               partition\t999420\t\t524\t\t-2
/swap\\040file\\040(deleted)              file\t\t2097148\t\t0\t\t10
`
  expect(parseSwaps(text)).toEqual([
    { path: '/dev/dm-2', type: 'partition', bytes: 999420 * 1024, usedBytes: 524 * 1024, priority: -2 },
    { path: '/swap file (deleted)', type: 'file', bytes: 2097148 * 1024, usedBytes: 0, priority: 10 },
  ])
})

it.each([
  ['lzo [lzo-rle] lz4 zstd', 'lzo-rle'],
  ['lz4', 'lz4'],
])('of the zram algorithms %j, %j is in use', (text, algorithm) => {
  expect(parseAlgorithm(text)).toBe(algorithm)
})

it('disk traffic is in bytes of 512-byte sectors, in the form of any kernel since 2.6', () => {
  const disks =
    parseDiskstats(` 254       0 vda 138360 35412 8595458 38050 53196 111159 5396624 32506 3 21908 75013 46149 17
   8       0 sda 1 2 3 4 5 6 7 8 9 10 11
   8       1 broken 1 2
`)
  expect(disks.get('vda')).toEqual({
    reads: 138360,
    readBytes: 8595458 * 512,
    writes: 53196,
    writtenBytes: 5396624 * 512,
    underWay: 3,
    busyMs: 21908,
  })
  expect([...disks.keys()]).toEqual(['vda', 'sda'])
})

it.each([
  ['PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\n', 'Debian GNU/Linux 12 (bookworm)'],
  ["NAME='Void'\n", 'Void'],
  ['PRETTY_NAME="The \\"Best\\""\n', 'The "Best"'],
  ['', null],
])('os-release %j is %j', (text, name) => {
  expect(parseOsRelease(text)).toBe(name)
})

describe('the hypervisor', () => {
  const bare = { dmi: null, type: null, clockSources: 'tsc hpet', cpuFlags: ['fpu', 'tsc'] }
  const virtual = { ...bare, cpuFlags: ['fpu', 'tsc', 'hypervisor'] }
  it.each([
    ['a laptop', { ...bare, dmi: 'LENOVO 20XW' }, null],
    ['a bare-metal instance of EC2', { ...bare, dmi: 'Amazon EC2 m5.metal' }, null],
    ['an instance of EC2', { ...virtual, dmi: 'Amazon EC2 m5.large' }, 'Amazon EC2'],
    ['an instance of EC2 on arm64', { ...bare, cpuFlags: ['fp'], dmi: 'Amazon EC2 m6g.large' }, 'Amazon EC2'],
    ['a machine of libvirt', { ...virtual, dmi: 'QEMU Standard PC (Q35 + ICH9, 2009)' }, 'KVM/QEMU'],
    ['Hyper-V', { ...virtual, dmi: 'Microsoft Corporation Virtual Machine' }, 'Hyper-V'],
    ['a microVM without DMI', { ...virtual, clockSources: 'tsc kvm-clock' }, 'KVM'],
    ['a Xen guest without the flag', { ...bare, type: 'xen' }, 'Xen'],
    ['a guest that hides', virtual, 'a hypervisor that does not give its name'],
  ])('of %s', (_, evidence, name) => {
    expect(nameHypervisor(evidence)).toBe(name)
  })
})

describe('a host', () => {
  it('that shows nothing gives no reading rather than an invented one', () => {
    expect(probeZswap(NOTHING)).toBeNull()
    expect(probeZram(NOTHING)).toEqual([])
    expect(probePressure(NOTHING)).toEqual({})
    expect(probeHugepages(NOTHING)).toBeNull()
    expect(probeKernel(NOTHING)).toEqual({
      hostname: 'unknown',
      kernel: 'unknown',
      os: 'unknown',
      clockSource: 'unknown',
    })
  })

  it('that is this one satisfies the contract', () => {
    expect(HostReport.omit({ id: true }).safeParse(probeHost('.', native))).toMatchObject({ success: true })
  })
})
