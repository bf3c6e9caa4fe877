import { HOST, type HostRoot, readText } from './reading.ts'

/** A disk's traffic since boot (the kernel's Documentation/admin-guide/iostats). */
export interface DiskTraffic {
  reads: number
  readBytes: number
  writes: number
  writtenBytes: number
  /** Requests under way now. */
  underWay: number
  /** Time with at least one request under way, ms. */
  busyMs: number
}

/** Sectors of /proc/diskstats are 512 bytes, whatever the disk's own. */
const SECTOR_BYTES = 512

/** By device name ('nvme0n1'). */
export function parseDiskstats(text: string): Map<string, DiskTraffic> {
  const disks = new Map<string, DiskTraffic>()
  for (const line of text.split('\n')) {
    const [, , name, ...fields] = line.trim().split(/\s+/)
    const [reads, , readSectors, , writes, , writtenSectors, , underWay, busyMs] = fields.map(Number)
    if (name === undefined || reads === undefined || readSectors === undefined) continue
    if (writes === undefined || writtenSectors === undefined || underWay === undefined || busyMs === undefined) continue
    disks.set(name, {
      reads,
      readBytes: readSectors * SECTOR_BYTES,
      writes,
      writtenBytes: writtenSectors * SECTOR_BYTES,
      underWay,
      busyMs,
    })
  }
  return disks
}

/** Of one device, by its name or its path in /dev; null where the kernel does not account it. */
export function probeDiskstats(device: string, root: HostRoot = HOST): DiskTraffic | null {
  return parseDiskstats(readText(root.proc, 'diskstats') ?? '').get(device.replace(/^\/dev\//, '')) ?? null
}
