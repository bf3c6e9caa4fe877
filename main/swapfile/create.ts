import { lstatSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import { thisProcess } from '../../native-bench/host.ts'
import { Arena, native, PAGE_SIZE } from '../../native-bench/index.ts'
import { LabError } from '../contract/index.ts'
import { encodeHeader } from './header.ts'
import { checkSpace, checkTarget, hostStatfs, type Statfs, swapfileBytes, type Target, targetError } from './target.ts'

const FILL_PAGES = 256 // 1 MiB a write: larger ones are no faster on an SSD
const RUN_ID = /^[A-Za-z0-9_-]{1,64}$/

export interface CreateOptions {
  directory: string
  slots: number
  /** Names the file, swaplab-RUNID.swap or .file: 1 to 64 letters, digits, _ or -. */
  runId: string
  /** Accept a file that cannot be driven by direct I/O. Default false. */
  buffered?: boolean
  /** 0..1, while the file is written through. */
  onProgress?: (fraction: number) => void
  signal?: AbortSignal
  /** For tests. */
  statfs?: Statfs
}

/**
 * A swap file on a disk, ours and locked as long as it is open. Its life: open exclusively (O_EXCL, O_NOFOLLOW, 0600), lock,
 * header (which is also the proof that a direct transfer works), preallocate, write through once, sync; close() removes it.
 */
export interface Swapfile {
  readonly path: string
  readonly directory: string
  readonly slots: number
  readonly bytes: number
  /** False where the host's page cache stands between us and the disk. */
  readonly direct: boolean
  /** The addon's handle. Slot s is page s + 1. */
  readonly file: number
  /** Another handle on the same file whose writes are durable when they return (O_DSYNC). The caller closes it. */
  openDsync(): number
  /** Removes the file and lets go of it. May be called twice. */
  close(): void
}

/** Fills pages 0..count-1 of the arena with what slots first..first+count-1 shall hold. */
export type FillPages = (arena: Arena, first: number, count: number) => void

/** What a file is for: its suffix, its name in messages, what it holds at first. */
interface Purpose {
  suffix: 'swap' | 'file'
  noun: string
  fill: FillPages
}

/**
 * Makes a swap file. Nothing is left behind where it fails or is cancelled.
 * @throws LabError bad_input, unsafe_target, no_space, no_direct_io, no_permission, io_error, cancelled
 */
export async function createSwapfile(options: CreateOptions): Promise<Swapfile> {
  return make(options, { suffix: 'swap', noun: 'swap file', fill: incompressible() })
}

/**
 * Makes a file with content that the workload maps, beside the swap file and under the same rules.
 * @throws LabError as createSwapfile
 */
export async function createMappedFile(options: CreateOptions, fill: FillPages): Promise<Swapfile> {
  return make(options, { suffix: 'file', noun: 'mapped file', fill })
}

/**
 * Looks whether files of so many bytes may be made there, and makes none. `bytes` null: whoever has the space now is asked later.
 * @throws LabError unsafe_target, no_permission, no_space; no_direct_io for a directory in memory
 */
export function checkSwapTarget(wanted: {
  directory: string
  bytes: number | null
  buffered: boolean
  statfs?: Statfs | undefined
}): Target {
  const target = checkTarget(wanted.directory, wanted.statfs ?? hostStatfs)
  if (target.memory !== null && !wanted.buffered)
    throw noDirectIo(`${target.directory} lies on ${target.memory}: in memory, so nothing written there reaches a disk`)
  if (wanted.bytes !== null) checkSpace(target, wanted.bytes)
  return target
}

async function make(options: CreateOptions, purpose: Purpose): Promise<Swapfile> {
  const { slots, runId } = options
  const failed = (path: string) => `The ${purpose.noun} ${path} could not be made`
  if (!RUN_ID.test(runId))
    throw new LabError({
      code: 'bad_input',
      message: `"${runId}" cannot name a ${purpose.noun}.`,
      remedy: 'Use 1 to 64 letters, digits, _ or -.',
    })
  const bytes = swapfileBytes(slots)
  const buffered = options.buffered ?? false
  const target = checkSwapTarget({ directory: options.directory, bytes, buffered, statfs: options.statfs })
  const path = join(target.directory, `swaplab-${runId}.${purpose.suffix}`)

  const arena = new Arena(FILL_PAGES)
  try {
    const open = (direct: boolean) => openNew({ path, slots, runId, direct, arena, failed: failed(path) })
    let draft: Draft
    try {
      draft = open(target.memory === null)
    } catch (error) {
      if (!buffered || !(error instanceof LabError) || error.code !== 'no_direct_io') throw error
      draft = open(false)
    }
    try {
      await writeThrough(draft, bytes, arena, options, purpose)
    } catch (error) {
      discard(draft)
      throw targetError(error, failed(path))
    }
    return openedSwapfile(draft, target.directory, slots, bytes)
  } finally {
    arena.release()
  }
}

interface Draft {
  path: string
  file: number
  device: number
  inode: number
  direct: boolean
}

/** Creates, locks and marks the file, and proves that a page goes to it and comes back. */
function openNew(what: {
  path: string
  slots: number
  runId: string
  direct: boolean
  arena: Arena
  failed: string
}): Draft {
  const { path, direct, arena, failed } = what
  let file: number
  try {
    file = native.fileOpen(path, { write: true, create: true, direct, dsync: false })
  } catch (error) {
    if (direct && errnoOf(error) === 'EINVAL') {
      // The file exists by now on file systems that only look at the flag after creating: an empty one, made by this call.
      removeEmptyRemains(path)
      throw noDirectIo(`The file system of ${path} refuses direct I/O`, error)
    }
    throw targetError(error, failed)
  }
  const stat = native.fileStat(file)
  const draft = { path, file, device: stat.device, inode: stat.inode, direct }
  try {
    if (!native.fileLock(file))
      throw new LabError({
        code: 'unsafe_target',
        message: `Another process has locked ${path} while it was being made.`,
        remedy: 'Choose a swap directory that only you may write to.',
        field: 'swapDir',
      })
    encodeHeader(arena.page(0), { runId: what.runId, slots: what.slots, owner: thisProcess() })
    try {
      native.fileWrite(file, arena.id, 0, 1, 0)
      native.fileRead(file, arena.id, 1, 1, 0)
    } catch (error) {
      const code = errnoOf(error)
      if (direct && (code === 'EINVAL' || code === 'EOPNOTSUPP' || code === 'EIO'))
        throw noDirectIo(`The file system of ${path} takes O_DIRECT but refuses a direct transfer`, error)
      throw error
    }
    if (Buffer.compare(arena.page(0), arena.page(1)) !== 0)
      throw new LabError({
        code: 'io_error',
        message: `A page written to ${path} came back with other content.`,
        remedy: 'Check the disk (smartctl) and the kernel log (dmesg), or choose another swap directory.',
      })
    return draft
  } catch (error) {
    discard(draft)
    throw targetError(error, failed)
  }
}

/** Pages that do not compress, no page like another. */
function incompressible(): FillPages {
  let words: Uint32Array | null = null
  return (arena, first, count) => {
    if (words === null) {
      words = new Uint32Array(arena.bytes.buffer, arena.bytes.byteOffset, arena.bytes.length / 4)
      let x = 0x9e3779b9
      for (let i = 0; i < words.length; i++) {
        // xorshift32 (G. Marsaglia 2003)
        x ^= x << 13
        x ^= x >>> 17
        x ^= x << 5
        words[i] = x
      }
    }
    for (let page = 0; page < count; page++) words[(page * PAGE_SIZE) / 4] = first + page + 1
  }
}

/**
 * Preallocates, then writes every slot once (a swap file with content that does not compress): an extent that was only
 * allocated reads as zero without touching the disk, and its first write changes metadata.
 */
async function writeThrough(
  draft: Draft,
  bytes: number,
  arena: Arena,
  options: CreateOptions,
  { fill, noun }: Purpose,
): Promise<void> {
  const { file, path, direct } = draft
  try {
    native.fileAllocate(file, bytes)
  } catch (error) {
    // Some file systems cannot preallocate; writing through does the same, only slower.
    const code = errnoOf(error)
    if (code !== 'EOPNOTSUPP' && code !== 'ENOSYS') throw error
  }
  for (let slot = 0; slot < options.slots; slot += FILL_PAGES) {
    const pages = Math.min(FILL_PAGES, options.slots - slot)
    fill(arena, slot, pages)
    native.fileWrite(file, arena.id, 0, pages, slot + 1)
    if ((slot / FILL_PAGES) % 16 === 0) {
      options.onProgress?.(slot / options.slots)
      await new Promise<void>((resume) => setImmediate(resume)) // a cancel comes in as a message
      if (options.signal?.aborted)
        throw new LabError({ code: 'cancelled', message: `Cancelled while the ${noun} was being made.` })
    }
  }
  native.fileSync(file)
  if (!direct) native.fileDropCache(file)
  const { blocks } = lstatSync(path)
  if (direct && blocks * 512 < bytes)
    throw new LabError({
      code: 'unsafe_target',
      message: `${path} was written through, but only ${blocks * 512} of its ${bytes} bytes are allocated.`,
      remedy: 'This file system compresses or shares blocks: choose a directory on another one.',
      field: 'swapDir',
    })
  options.onProgress?.(1)
}

function openedSwapfile(draft: Draft, directory: string, slots: number, bytes: number): Swapfile {
  let open = true
  return {
    path: draft.path,
    directory,
    slots,
    bytes,
    direct: draft.direct,
    file: draft.file,
    openDsync() {
      const file = native.fileOpen(draft.path, { write: true, create: false, direct: draft.direct, dsync: true })
      const stat = native.fileStat(file)
      if (stat.device === draft.device && stat.inode === draft.inode) return file
      native.fileClose(file)
      throw new LabError({
        code: 'unsafe_target',
        message: `${draft.path} is no longer the file that this run has made.`,
        remedy: 'Choose a swap directory that only you may write to.',
        field: 'swapDir',
      })
    },
    close() {
      if (!open) return
      open = false
      discard(draft)
    },
  }
}

/** Removes the name only while it still is our file, then closes, which lets go of the lock. */
function discard(draft: Draft): void {
  try {
    const stat = lstatSync(draft.path, { throwIfNoEntry: false })
    if (stat?.isFile() && stat.dev === draft.device && stat.ino === draft.inode) unlinkSync(draft.path)
  } finally {
    native.fileClose(draft.file)
  }
}

function removeEmptyRemains(path: string): void {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  const ours = stat?.isFile() && stat.size === 0 && stat.nlink === 1 && stat.uid === process.geteuid?.()
  if (ours) unlinkSync(path)
}

function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}

function noDirectIo(sentence: string, cause?: unknown): LabError {
  return new LabError(
    {
      code: 'no_direct_io',
      message: `${sentence}.`,
      remedy: 'Choose a directory on a local disk (ext4, xfs), or allow buffered I/O (swapfile.buffered).',
      field: 'swapDir',
    },
    { cause },
  )
}
