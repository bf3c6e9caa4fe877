import { accessSync, constants, readFileSync, realpathSync, statfsSync, statSync } from 'node:fs'
import { LabError, PAGE_SIZE } from '../contract/index.ts'

/** Where a swap file may be made. Everything here only looks; nothing is created. */

const MIB = 2 ** 20

/** What statfs(2) says about a directory. `freeBytes`: for this user, without root's reserve. */
interface FileSystemState {
  magic: number
  freeBytes: number
  totalBytes: number
}
export type Statfs = (directory: string) => FileSystemState

export const hostStatfs: Statfs = (directory) => {
  const fs = statfsSync(directory)
  return { magic: fs.type, freeBytes: fs.bavail * fs.bsize, totalBytes: fs.blocks * fs.bsize }
}

/** Magic numbers of statfs(2) whose files live in memory, so that no byte would reach a disk. devtmpfs says tmpfs. */
const MEMORY_FILE_SYSTEMS = new Map([
  [0x0102_1994, 'tmpfs'],
  [0x8584_58f6, 'ramfs'],
  [0x9584_58f6, 'hugetlbfs'],
])
const OVERLAYFS = 0x794c_7630

export interface Target {
  /** Resolved: no symbolic link in it. */
  directory: string
  /** Name of the memory file system it lies on; null on anything that may be a disk. */
  memory: string | null
  fileSystem: FileSystemState
}

/**
 * Space that stays free beside the swap file: 5 % of the file system, at least 256 MiB, at most 4 GiB. Below a few per cent
 * file systems fragment and the other programs of the host begin to fail; above 4 GiB the share of a large disk helps nobody.
 */
export function freeMargin(totalBytes: number): number {
  return Math.max(256 * MIB, Math.min(0.05 * totalBytes, 4096 * MIB))
}

/** Bytes of a swap file of `slots` slots: its header page and one page for each slot. */
export function swapfileBytes(slots: number): number {
  return (slots + 1) * PAGE_SIZE
}

/**
 * Resolves and checks the directory.
 * @throws LabError unsafe_target, no_permission
 */
export function checkTarget(directory: string, statfs: Statfs = hostStatfs): Target {
  let real: string
  try {
    real = realpathSync(directory)
    if (!statSync(real).isDirectory())
      throw new LabError({
        code: 'unsafe_target',
        message: `${directory} is not a directory, and Swaplab never writes to an existing file or device.`,
        remedy: 'Give a directory; the swap file is made inside it.',
        field: 'swapDir',
      })
    accessSync(real, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw targetError(error, `The swap directory ${directory} cannot be used`)
  }
  const fileSystem = statfs(real)
  return { directory: real, memory: memoryFileSystem(real, fileSystem, statfs), fileSystem }
}

/** That `bytes` fit there beside the margin. @throws LabError no_space */
export function checkSpace({ directory, fileSystem }: Target, bytes: number): void {
  const { totalBytes, freeBytes } = fileSystem
  const margin = freeMargin(totalBytes)
  if (bytes + margin > freeBytes)
    throw new LabError({
      code: 'no_space',
      message:
        `A swap file of ${mib(bytes)} does not fit ${directory}: ${mib(freeBytes)} are free, ` +
        `and ${mib(margin)} of them stay free for the rest of the host.`,
      remedy: 'Free some space, choose another swap directory, or make workload.pages smaller.',
      field: 'swapDir',
    })
}

function memoryFileSystem(directory: string, fs: FileSystemState, statfs: Statfs): string | null {
  const name = MEMORY_FILE_SYSTEMS.get(fs.magic)
  if (name !== undefined) return name
  if (fs.magic !== OVERLAYFS) return null
  const upper = overlayUpper(readFileSync('/proc/self/mountinfo', 'utf8'), directory)
  if (upper === null) return null
  try {
    const below = MEMORY_FILE_SYSTEMS.get(statfs(upper).magic)
    return below === undefined ? null : `overlay on ${below}`
  } catch {
    return null // the upper directory lies outside our mount namespace: the direct transfer decides
  }
}

/** The upper directory of the overlay that `directory` lies on, from the text of mountinfo (proc(5)); null where none. */
export function overlayUpper(mountinfo: string, directory: string): string | null {
  let best = ''
  let upper: string | null = null
  for (const line of mountinfo.split('\n')) {
    const [mount, source] = line.split(' - ')
    if (source === undefined) continue
    const point = unescapeMount(mount.split(' ')[4])
    const inside = directory === point || directory.startsWith(point.endsWith('/') ? point : `${point}/`)
    if (!inside || point.length < best.length) continue
    best = point // of equally long ones the last is on top
    const [type, , options = ''] = source.split(' ')
    const option = options.split(',').find((o) => o.startsWith('upperdir='))
    upper = type === 'overlay' && option !== undefined ? unescapeMount(option.slice('upperdir='.length)) : null
  }
  return upper
}

/** mountinfo writes space, tab, newline and backslash as octal. */
function unescapeMount(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}

function mib(bytes: number): string {
  return `${Math.ceil(bytes / MIB).toLocaleString('en')} MiB`
}

/** A failed system call on the way to a swap file as a fault of the contract; a LabError passes unchanged. */
export function targetError(error: unknown, what: string): LabError {
  if (error instanceof LabError) return error
  const reason = error instanceof Error ? error.message : String(error)
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const message = `${what}: ${reason}.`
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return new LabError(
        { code: 'no_space', message, remedy: 'Free some space or choose another swap directory.', field: 'swapDir' },
        { cause: error },
      )
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new LabError(
        { code: 'no_permission', message, remedy: 'Choose a swap directory you may write to.', field: 'swapDir' },
        { cause: error },
      )
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ELOOP':
    case 'ENAMETOOLONG':
      return new LabError(
        { code: 'unsafe_target', message, remedy: 'Give an existing directory on a disk.', field: 'swapDir' },
        { cause: error },
      )
    case 'EEXIST':
      return new LabError(
        {
          code: 'unsafe_target',
          message,
          remedy:
            'Swaplab leaves existing files alone: remove it yourself if it is yours, or choose another directory.',
          field: 'swapDir',
        },
        { cause: error },
      )
    default:
      return new LabError(
        { code: 'io_error', message, remedy: 'Check the kernel log (dmesg), or choose another swap directory.' },
        { cause: error },
      )
  }
}
