import {
  closeSync,
  constants,
  fchownSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { ProcessIdentity } from '../../native-bench/host.ts'
import { LabError } from '../contract/index.ts'

/**
 * What was changed on this host, written before it is changed: a file in the data folder, readable by its owner only. Whoever
 * finds it there undoes its steps and removes it. A root process may read a journal that a user could have written, so every
 * value is held to a form in which it can only undo what Swaplab does.
 */

export const JOURNAL_NAME = 'kernel-journal.json'

/** Swap files of the kernel lanes; made by the helper, and removed by nobody who finds another name. */
const SWAP_FILE_NAME = /^swaplab-kernel-[0-9a-f]{12}\.swap$/
export const CGROUP_NAME = /^swaplab-[0-9a-f]{12}$/

export const ZSWAP_PARAMETERS = [
  'enabled',
  'compressor',
  'max_pool_percent',
  'accept_threshold_percent',
  'shrinker_enabled',
] as const
export type ZswapParameter = (typeof ZSWAP_PARAMETERS)[number]

const word = z.string().regex(/^[A-Za-z0-9_-]{1,32}$/)

const Process = z.strictObject({
  pid: z.int().min(1),
  startTicks: z.int(),
  bootId: z.string(),
}) satisfies z.ZodType<ProcessIdentity>

export const Step = z.discriminatedUnion('undo', [
  /** Ends the measuring process, then removes the cgroup it was in. */
  z.strictObject({ undo: z.literal('cgroup'), name: z.string().regex(CGROUP_NAME), workload: Process }),
  z.strictObject({
    undo: z.literal('swapfile'),
    directory: z.string().regex(/^\/[^\0]*$/),
    name: z.string().regex(SWAP_FILE_NAME),
  }),
  /** Swaps off, resets, and sets the algorithm that was chosen before. */
  z.strictObject({ undo: z.literal('zram'), device: z.string().regex(/^zram\d{1,3}$/), algorithm: word }),
  z.strictObject({ undo: z.literal('zswap'), parameter: z.enum(ZSWAP_PARAMETERS), value: word }),
  z.strictObject({ undo: z.literal('page-cluster'), value: z.int().min(0).max(31) }),
])
export type Step = z.infer<typeof Step>

const JournalFile = z.strictObject({
  version: z.literal(1),
  bootId: z.string(),
  /** The helper; while it lives, the journal is its own. */
  owner: Process,
  steps: z.array(Step).max(64),
})
export type JournalFile = z.infer<typeof JournalFile>

/** Largest journal that is read, bytes; one of ours has some hundreds. */
const MAX_BYTES = 64 * 1024

/** The journal of a data folder; null where there is none. @throws LabError `unavailable` where it cannot be understood */
export function readJournal(folder: string): JournalFile | null {
  const file = join(folder, JOURNAL_NAME)
  let text: string
  try {
    const fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const facts = fstatSync(fd)
      if (!facts.isFile() || facts.size > MAX_BYTES) throw new Error('it is not a small regular file')
      text = readFileSync(fd, 'utf8')
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw unreadable(file, error)
  }
  try {
    return JournalFile.parse(JSON.parse(text))
  } catch (error) {
    throw unreadable(file, error)
  }
}

/** Whether there is a journal, read or not. */
export function hasJournal(folder: string): boolean {
  return statSync(join(folder, JOURNAL_NAME), { throwIfNoEntry: false }) !== undefined
}

/** Writes the whole journal so that, after a power cut, either the old or the new one is there. */
export function writeJournal(folder: string, journal: JournalFile): void {
  const file = join(folder, JOURNAL_NAME)
  const next = `${file}.new`
  rmSync(next, { force: true })
  const fd = openSync(next, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600)
  try {
    // The owner of the folder must be able to read it also where root wrote it.
    const { uid, gid } = statSync(folder)
    if (process.geteuid?.() === 0) fchownSync(fd, uid, gid)
    writeSync(fd, `${JSON.stringify(JournalFile.parse(journal), null, 2)}\n`)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(next, file)
  syncFolder(folder)
}

export function removeJournal(folder: string): void {
  rmSync(join(folder, `${JOURNAL_NAME}.new`), { force: true })
  rmSync(join(folder, JOURNAL_NAME), { force: true })
  syncFolder(folder)
}

function syncFolder(folder: string): void {
  const fd = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

function unreadable(file: string, error: unknown): LabError {
  return new LabError(
    {
      code: 'unavailable',
      message: `The journal of the kernel lanes, ${file}, cannot be understood: ${error instanceof Error ? error.message : error}.`,
      remedy: 'Look at it and at /proc/swaps, put right what it names by hand, then delete the file.',
    },
    { cause: error },
  )
}
