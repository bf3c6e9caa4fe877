import { realpathSync, statfsSync, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { DeviceFacts } from '../../main/contract/index.ts'
import { type Mount, mountOf, parseMountinfo } from './mountinfo.ts'
import { HOST, type HostRoot, readInteger, readNames, readText, resolveLink } from './reading.ts'

/** What sysfs says of a whole disk. */
export type DiskFacts = Pick<
  DeviceFacts,
  | 'device'
  | 'model'
  | 'firmware'
  | 'scheduler'
  | 'writeCache'
  | 'rotational'
  | 'logicalBlockBytes'
  | 'physicalBlockBytes'
  | 'queueDepth'
>

const NO_DISK: DiskFacts = {
  device: null,
  model: null,
  firmware: null,
  scheduler: null,
  writeCache: null,
  rotational: null,
  logicalBlockBytes: null,
  physicalBlockBytes: null,
  queueDepth: null,
}

/** Major and minor of a 64-bit Linux device number, as gnu_dev_major(3) and gnu_dev_minor(3) take it apart. */
export function splitDeviceNumber(dev: bigint): { major: number; minor: number } {
  return {
    major: Number(((dev >> 8n) & 0xfffn) | ((dev >> 32n) & 0xfffff000n)),
    minor: Number((dev & 0xffn) | ((dev >> 12n) & 0xffffff00n)),
  }
}

/** 'mq-deadline' of 'none [mq-deadline] kyber bfq'; a lone name is itself. */
export function parseScheduler(text: string): string | null {
  const chosen = /\[([^\]]+)\]/.exec(text)
  if (chosen) return chosen[1] ?? null
  return /^\S+$/.test(text) ? text : null
}

/**
 * The folder in /sys of the whole disk below a block device: a partition's disk, the one device under a mapping (dm-crypt, LVM
 * on one disk). A mapping over several devices is its own disk: no one of them speaks for it.
 */
function diskFolder(folder: string, root: HostRoot): string {
  let current = folder
  // Mappings stack (LVM on LUKS on a partition); a cycle is impossible, the limit is for a broken sysfs.
  for (let depth = 0; depth < 16; depth++) {
    if (readText(current, 'partition') !== null) {
      current = dirname(current)
      continue
    }
    const below = readNames(current, 'slaves')
    const only = below.length === 1 ? resolveLink(current, 'slaves', below[0] ?? '') : null
    if (only === null || !only.startsWith(root.sys)) return current
    current = only
  }
  return current
}

/** Facts of the disk that carries block device major:minor; all null where sysfs does not know the device. */
export function probeDisk(major: number, minor: number, root: HostRoot = HOST): DiskFacts {
  const folder = resolveLink(root.sys, 'dev/block', `${major}:${minor}`)
  if (folder === null) return NO_DISK
  const disk = diskFolder(folder, root)
  const scheduler = readText(disk, 'queue/scheduler')
  const rotational = readInteger(disk, 'queue/rotational')
  return {
    // sysfs writes '!' for '/' (cciss!c0d0).
    device: `/dev/${basename(disk).replaceAll('!', '/')}`,
    // SCSI, ATA and NVMe say `model`, MMC says `name`, device mapper says `dm/name`; virtio says nothing.
    model: readText(disk, 'device/model') ?? readText(disk, 'device/name') ?? readText(disk, 'dm/name'),
    // NVMe; SCSI and ATA; MMC.
    firmware: readText(disk, 'device/firmware_rev') ?? readText(disk, 'device/rev') ?? readText(disk, 'device/fwrev'),
    scheduler: scheduler === null ? null : parseScheduler(scheduler),
    writeCache: readText(disk, 'queue/write_cache'),
    rotational: rotational === null ? null : rotational === 1,
    logicalBlockBytes: readInteger(disk, 'queue/logical_block_size'),
    physicalBlockBytes: readInteger(disk, 'queue/physical_block_size'),
    queueDepth: readInteger(disk, 'queue/nr_requests'),
  }
}

/** The block device of a mount. File systems of their own device number (btrfs, ZFS) name theirs as the mount's source. */
function blockDevice(dev: bigint, mount: Mount | null): { major: number; minor: number } {
  const own = splitDeviceNumber(dev)
  if (own.major !== 0 || !mount?.source.startsWith('/dev/')) return own
  const source = statSync(mount.source, { bigint: true, throwIfNoEntry: false })
  return source?.isBlockDevice() ? splitDeviceNumber(source.rdev) : own
}

/**
 * The device, file system and free space behind a path.
 *
 * @throws Node's error with `code`, `syscall` and `path` where the path cannot be looked at (ENOENT, EACCES).
 */
export function probeDevice(path: string, root: HostRoot = HOST): DeviceFacts {
  const resolved = realpathSync(path)
  const mount = mountOf(parseMountinfo(readText(root.proc, 'self/mountinfo') ?? ''), resolved)
  const { dev } = statSync(resolved, { bigint: true })
  const { major, minor } = blockDevice(dev, mount)
  const space = statfsSync(resolved)
  return {
    path,
    ...probeDisk(major, minor, root),
    fileSystem: mount?.fileSystem ?? 'unknown',
    mountPoint: mount?.mountPoint ?? 'unknown',
    mountOptions: mount?.options ?? '',
    // Free for an ordinary user, not for root: the reserve of the file system is not ours to fill.
    freeBytes: space.bavail * space.bsize,
    totalBytes: space.blocks * space.bsize,
  }
}
