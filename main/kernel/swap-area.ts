import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
  readlinkSync,
  rmSync,
  statfsSync,
  writeSync,
} from 'node:fs'
import { isSystemFailure, native, PAGE_SIZE } from '../../native-bench/index.ts'
import { LabError } from '../contract/index.ts'

/** Makes what swapon(2) takes: a file without holes and the header of mkswap(8), version 1. */

const MIB = 2 ** 20
/** Free space that stays beside the swap file: as for the engine's own. */
const marginOf = (totalBytes: number) => Math.max(256 * MIB, Math.min(0.05 * totalBytes, 4096 * MIB))

/** statfs(2) magic numbers of file systems on which the kernel refuses to swap, or needs more than a plain file. */
const UNFIT = new Map([
  [0x0102_1994, 'tmpfs'],
  [0x8584_58f6, 'ramfs'],
  [0x794c_7630, 'overlayfs'],
  [0x9123_683e, 'btrfs'],
  [0x6969, 'NFS'],
  [0x6573_5546, 'FUSE'],
  [0x2fc1_2fc1, 'ZFS'],
])

/** A sentence where no swap file of these pages can be in this directory; null where it can. */
export function unfitFor(directory: string, slots: number): string | null {
  const fs = statfsSync(directory)
  const name = UNFIT.get(fs.type)
  if (name) return `the kernel does not swap to a plain file on ${name} (${directory})`
  const bytes = (slots + 1) * PAGE_SIZE
  const free = fs.bavail * fs.bsize
  if (bytes + marginOf(fs.blocks * fs.bsize) > free)
    return `a second swap file of ${Math.ceil(bytes / MIB)} MiB does not fit ${directory}, where ${Math.floor(free / MIB)} MiB are free`
  return null
}

/** The first page of a swap area: linux/swap.h, union swap_header (info.version, info.last_page, sws_uuid) and the magic. */
function swapHeader(slots: number): Uint8Array {
  const page = new Uint8Array(PAGE_SIZE)
  const view = new DataView(page.buffer)
  const little = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1
  view.setUint32(1024, 1, little)
  view.setUint32(1028, slots, little) // the header is page 0, so the last page has the number of slots
  page.set(randomBytes(16), 1036)
  page.set(new TextEncoder().encode('SWAPSPACE2'), PAGE_SIZE - 10)
  return page
}

/**
 * Makes a new swap file: 0600, no holes.
 * @param use is given a path that names this very file, whatever its directory is replaced by meanwhile: it may belong to somebody who must not
 * choose what is swapped to
 * @throws LabError unavailable; what `use` throws
 */
export function makeSwapFile(directory: string, name: string, slots: number, use: (file: string) => void): string {
  const path = `${directory}/${name}`
  const folder = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY)
  // By its descriptor: the path may lead elsewhere by the time that it is looked up again.
  const held = `/proc/self/fd/${folder}`
  try {
    if (readlinkSync(held) !== directory) throw refused(`${directory} leads through a symbolic link`)
    const unfit = unfitFor(directory, slots)
    if (unfit) throw refused(unfit)
    const made = native.fileOpen(`${held}/${name}`, { write: true, create: true, direct: false, dsync: false })
    try {
      native.fileAllocate(made, (slots + 1) * PAGE_SIZE)
      withFile(`${held}/${name}`, (fd, file) => {
        const { device, inode } = native.fileStat(made)
        const { dev, ino } = fstatSync(fd)
        if (dev !== device || ino !== inode || readlinkSync(file) !== path)
          throw refused(`${directory} was replaced by another meanwhile`)
        putHeader(fd, slots)
        use(file)
      })
    } catch (error) {
      rmSync(`${held}/${name}`, { force: true })
      throw error
    } finally {
      native.fileClose(made)
    }
  } catch (error) {
    if (!isSystemFailure(error)) throw error
    throw refused(`${path} cannot be made: ${error.message.replaceAll(held, directory)}`)
  } finally {
    closeSync(folder)
  }
  return path
}

/** Makes a file of this many pages, its header not counted, one that swapon(2) takes. Durable when it returns. @throws Error the system's own, with `code` */
export function writeHeader(path: string, slots: number): void {
  withFile(path, (fd) => putHeader(fd, slots))
}

function withFile(path: string, work: (fd: number, file: string) => void): void {
  const fd = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    work(fd, `/proc/self/fd/${fd}`)
  } finally {
    closeSync(fd)
  }
}

function putHeader(fd: number, slots: number): void {
  writeSync(fd, swapHeader(slots), 0, PAGE_SIZE, 0)
  fsyncSync(fd)
}

function refused(why: string): LabError {
  return new LabError({
    code: 'unavailable',
    message: `The kernel's swap cannot be set up: ${why}.`,
    remedy: 'Choose a swap directory on ext4 or XFS with room for a second swap file.',
  })
}
