import { describe, expect, it } from 'vitest'
import type { HostReport } from '../../contract/index.ts'
import { someHost } from '../testing/fake-lab.ts'
import { checkHost } from './check.ts'
import { hostIdentity } from './identity.ts'
import type { HostReadings } from './readings.ts'

const quiet: HostReadings = {
  backgroundIo: { bytesPerS: 0, busyShare: 0 },
  cpu: { busy: 0.02, iowait: 0, steal: 0 },
  pressure: { cpu: 0.2, memory: 0, io: 1 },
  boost: false,
  hottest: { zone: 'x86_pkg_temp', celsius: 40 },
  throttled: 0,
  power: null,
  memory: { totalBytes: 2 ** 34, availableBytes: 2 ** 33 },
  swapUsedBytes: 0,
  transparentHugepages: 'madvise',
  staticHugepages: 0,
}

function levelOf(name: string, host: Partial<HostReport>, now: Partial<HostReadings> = {}) {
  return checkHost({ ...someHost, ...host }, { ...quiet, ...now }).rows.find((row) => row.name === name)?.level
}

describe('the check before a run', () => {
  it('is green on a quiet machine, with a reading in every row', () => {
    const check = checkHost(someHost, quiet)
    expect(check.rows.filter((row) => row.level !== 'green')).toEqual([])
    expect(check.level).toBe('green')
    for (const row of check.rows) expect(`${row.reason}${row.evidence}`.length).toBeGreaterThan(5)
  })

  it('is as bad as its worst row', () => {
    expect(checkHost({ ...someHost, hypervisor: 'KVM' }, quiet).level).toBe('amber')
    expect(checkHost({ ...someHost, hypervisor: 'KVM', loadAverage: 9 }, quiet).level).toBe('red')
  })

  it.each([
    ['Background I/O', {}, { backgroundIo: { bytesPerS: 1e7, busyShare: 0.1 } }, 'amber'],
    ['Background I/O', {}, { backgroundIo: { bytesPerS: 1e9, busyShare: 0.9 } }, 'red'],
    ['Background I/O', {}, { backgroundIo: null }, 'amber'],
    ['CPU use', {}, { cpu: { busy: 0.5, iowait: 0, steal: 0 } }, 'amber'],
    ['CPU use', {}, { cpu: { busy: 0, iowait: 0, steal: 0.2 } }, 'red'],
    ['Load', { loadAverage: 1.2 }, {}, 'amber'],
    ['Pressure', {}, { pressure: { cpu: 6, io: 0 } }, 'amber'],
    ['Pressure', {}, { pressure: { io: 30 } }, 'red'],
    ['Pressure', {}, { pressure: {} }, 'green'],
    ['Free space', { device: { ...someHost.device, freeBytes: 2 ** 20 } }, {}, 'red'],
    ['File system', { device: { ...someHost.device, fileSystem: 'tmpfs' } }, {}, 'red'],
    ['CPU governor', { cpu: { ...someHost.cpu, governor: 'powersave' } }, {}, 'amber'],
    ['CPU governor', { cpu: { ...someHost.cpu, governor: null } }, {}, 'green'],
    ['CPU boost', {}, { boost: true }, 'amber'],
    ['Temperature', {}, { hottest: { zone: 'x', celsius: 97 } }, 'red'],
    ['Temperature', {}, { throttled: 3 }, 'red'],
    ['Temperature', {}, { hottest: null, throttled: null }, 'green'],
    ['Power', {}, { power: 'battery' }, 'amber'],
    ['Power', {}, { power: 'mains' }, 'green'],
    ['Memory', {}, { memory: { totalBytes: 2 ** 34, availableBytes: 2 ** 29 } }, 'amber'],
    ['Memory', {}, { memory: { totalBytes: 2 ** 34, availableBytes: 2 ** 27 } }, 'red'],
    ['Memory', {}, { memory: { totalBytes: 2 ** 34, availableBytes: null } }, 'green'],
    ['Other swap', { swaps: ['/dev/sda2'] }, {}, 'amber'],
    ['zswap', { zswap: { enabled: 'Y' }, swaps: ['/dev/sda2'] }, {}, 'amber'],
    ['zswap', { zswap: { enabled: 'Y' } }, {}, 'green'],
    ['zram', { zram: [{ name: 'zram0', initialised: true, algorithm: 'lz4' }] }, {}, 'amber'],
    ['Virtual machine', { hypervisor: 'KVM' }, {}, 'amber'],
  ] as const)('%s %j %j is %s', (name, host, now, level) => {
    expect(levelOf(name, host as Partial<HostReport>, now)).toBe(level)
  })
})

describe('the identity of a host', () => {
  const { id: _, ...host } = someHost

  it('outlives updates of kernel and firmware, and what changes from boot to boot', () => {
    const other = { ...host, hostname: 'new', kernel: '7.0.1', loadAverage: 7, memoryBytes: host.memoryBytes - 5e7 }
    expect(hostIdentity({ ...other, device: { ...host.device, firmware: '2', freeBytes: 1 } })).toBe(hostIdentity(host))
  })

  it('changes with CPU, memory and disk', () => {
    const ids = [
      host,
      { ...host, cpu: { ...host.cpu, cores: 4 } },
      { ...host, memoryBytes: host.memoryBytes * 2 },
      { ...host, device: { ...host.device, model: 'Another' } },
    ].map(hostIdentity)
    expect(new Set(ids).size).toBe(ids.length)
  })
})
