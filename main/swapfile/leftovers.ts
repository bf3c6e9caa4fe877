import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  unlinkSync,
} from 'node:fs'
import { join } from 'node:path'
import { isAlive } from '../../native-bench/host.ts'
import { native, PAGE_SIZE } from '../../native-bench/index.ts'
import { decodeHeader } from './header.ts'
import { targetError } from './target.ts'

const NAME = /^swaplab-[A-Za-z0-9_-]{1,64}\.(swap|file)$/

export interface Sweep {
  /** Paths removed. */
  removed: string[]
  /** Files of that name which stay, and why. */
  kept: { path: string; reason: string }[]
}

/**
 * Removes swap files and mapped files whose owner is dead: a regular file of ours, with one link, a whole header, an owner that no longer runs,
 * and no lock on it. Anything else stays as it is. An empty file of a run killed between creating and marking it stays too:
 * it cannot be told from a foreign one.
 * @throws LabError where the directory cannot be read
 */
export function sweepLeftovers(directory: string): Sweep {
  const sweep: Sweep = { removed: [], kept: [] }
  let names: string[]
  let real: string
  try {
    real = realpathSync(directory)
    names = readdirSync(real)
  } catch (error) {
    throw targetError(error, `The swap directory ${directory} cannot be read`)
  }
  for (const name of names.filter((n) => NAME.test(n)).sort()) {
    const path = join(real, name)
    try {
      const reason = sweepOne(path)
      if (reason === null) sweep.removed.push(path)
      else sweep.kept.push({ path, reason })
    } catch (error) {
      sweep.kept.push({ path, reason: error instanceof Error ? error.message : String(error) })
    }
  }
  return sweep
}

/** Why a file is kept that will be free soon, where its process has just died: I/O under way, of a ring above all, holds the lock for some 100 ms longer. */
export const LOCKED = 'a process has locked it'

/** Null where the file was removed, else the reason to keep it. */
function sweepOne(path: string): string | null {
  const before = lstatSync(path)
  if (!before.isFile()) return 'not a regular file'
  if (before.nlink !== 1) return 'it has another name (hard link)'
  if (before.uid !== process.geteuid?.()) return 'it belongs to another user'
  // O_NONBLOCK: should a FIFO have taken its place, opening it must not hang.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    const opened = fstatSync(fd)
    if (!opened.isFile() || opened.ino !== before.ino || opened.dev !== before.dev) return 'it changed while looked at'
    const page = new Uint8Array(PAGE_SIZE)
    if (readSync(fd, page, 0, PAGE_SIZE, 0) !== PAGE_SIZE) return 'it has no header of Swaplab'
    const header = decodeHeader(page)
    if (header === null) return 'it has no header of Swaplab'
    if (isAlive(header.owner)) return `run ${header.runId} of process ${header.owner.pid} is using it`
  } finally {
    closeSync(fd)
  }
  // The lock also protects owners we cannot see: another container sharing the directory has its own process ids.
  const file = native.fileOpen(path, { write: false, create: false, direct: false, dsync: false })
  try {
    const locked = native.fileStat(file)
    if (locked.inode !== before.ino || locked.device !== before.dev) return 'it changed while looked at'
    if (!native.fileLock(file)) return LOCKED
    unlinkSync(path)
    return null
  } finally {
    native.fileClose(file)
  }
}
