import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { parseScheduler, probeDevice, probeDisk, splitDeviceNumber } from './device.ts'
import { HOST } from './reading.ts'

const sys = realpathSync(mkdtempSync(join(tmpdir(), 'swaplab-sys-')))
afterAll(() => rmSync(sys, { recursive: true }))
const root = { ...HOST, sys }

function file(path: string, text: string): void {
  mkdirSync(dirname(join(sys, path)), { recursive: true })
  writeFileSync(join(sys, path), `${text}\n`)
}
function link(path: string, target: string): void {
  mkdirSync(dirname(join(sys, path)), { recursive: true })
  symlinkSync(join(sys, target), join(sys, path))
}

// An NVMe disk with a partition, LUKS on it, LVM on that; and a mirror of two SCSI disks.
const nvme = 'devices/pci0000:00/0000:00:1d.0/nvme/nvme0/nvme0n1'
file(`${nvme}/device/model`, 'Samsung SSD 980 PRO 1TB                 ')
file(`${nvme}/device/firmware_rev`, '5B2QGXA7')
file(`${nvme}/queue/scheduler`, '[none] mq-deadline')
file(`${nvme}/queue/write_cache`, 'write back')
file(`${nvme}/queue/rotational`, '0')
file(`${nvme}/queue/logical_block_size`, '512')
file(`${nvme}/queue/physical_block_size`, '4096')
file(`${nvme}/queue/nr_requests`, '1023')
file(`${nvme}/nvme0n1p3/partition`, '3')
file('devices/virtual/block/dm-0/dm/name', 'luks')
link('devices/virtual/block/dm-0/slaves/nvme0n1p3', `${nvme}/nvme0n1p3`)
file('devices/virtual/block/dm-1/dm/name', 'vg-root')
link('devices/virtual/block/dm-1/slaves/dm-0', 'devices/virtual/block/dm-0')
file('devices/virtual/block/md0/queue/rotational', '1')
file('devices/a/sda/device/model', 'ST4000')
file('devices/a/sdb/device/model', 'ST4000')
link('devices/virtual/block/md0/slaves/sda', 'devices/a/sda')
link('devices/virtual/block/md0/slaves/sdb', 'devices/a/sdb')
file('devices/c/cciss!c0d0/queue/scheduler', 'none')
link('dev/block/259:0', nvme)
link('dev/block/259:3', `${nvme}/nvme0n1p3`)
link('dev/block/254:1', 'devices/virtual/block/dm-1')
link('dev/block/9:0', 'devices/virtual/block/md0')
link('dev/block/104:0', 'devices/c/cciss!c0d0')

const SAMSUNG = {
  device: '/dev/nvme0n1',
  model: 'Samsung SSD 980 PRO 1TB',
  firmware: '5B2QGXA7',
  scheduler: 'none',
  writeCache: 'write back',
  rotational: false,
  logicalBlockBytes: 512,
  physicalBlockBytes: 4096,
  queueDepth: 1023,
}

describe('the disk behind a device number', () => {
  it.each([
    ['the disk itself', 259, 0],
    ['a partition of it', 259, 3],
    ['LVM on LUKS on the partition', 254, 1],
  ])('is found from %s', (_, major, minor) => {
    expect(probeDisk(major, minor, root)).toEqual(SAMSUNG)
  })

  it('is the array where it has several disks, for no one of them speaks for it', () => {
    expect(probeDisk(9, 0, root)).toMatchObject({ device: '/dev/md0', model: null, rotational: true, scheduler: null })
  })

  it('has its slash back in its name', () => {
    expect(probeDisk(104, 0, root)).toMatchObject({ device: '/dev/cciss/c0d0', scheduler: 'none' })
  })

  it('is unknown where sysfs does not know it', () => {
    expect(new Set(Object.values(probeDisk(0, 45, root)))).toEqual(new Set([null]))
  })
})

describe('the device of a path', () => {
  it('is that of this repository, whatever it is', () => {
    const facts = probeDevice('.')
    expect(facts.path).toBe('.')
    expect(facts.mountPoint).toMatch(/^\//)
    expect(facts.fileSystem).not.toBe('unknown')
    expect(facts.freeBytes).toBeLessThanOrEqual(facts.totalBytes)
  })

  it('is not asked for where nothing is', () => {
    expect(() => probeDevice('/nonexistent/x')).toThrow(expect.objectContaining({ code: 'ENOENT' }))
  })
})

it.each([
  ['[none] mq-deadline', 'none'],
  ['none mq-deadline kyber [bfq] ', 'bfq'],
  ['none', 'none'],
  ['a b', null],
])('of the schedulers %j, %j is in use', (text, scheduler) => {
  expect(parseScheduler(text)).toBe(scheduler)
})

it('device numbers beyond 8 bits come apart as libc takes them', () => {
  expect(splitDeviceNumber(0x10302n)).toEqual({ major: 259, minor: 2 })
  expect(splitDeviceNumber(65024n)).toEqual({ major: 254, minor: 0 })
  expect(splitDeviceNumber(0x12345678_9abcdef0n)).toEqual({ major: 0x12345cde, minor: 0x6789abf0 })
})
