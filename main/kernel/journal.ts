import {
  closeSync,
  constants,
  fchownSync,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  openSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { isAlive, type ProcessIdentity } from '../../native-bench/host.ts'
import { LabError } from '../contract/index.ts'

/**
 * What was changed on this host, written before it is changed: a file in the data folder, readable by its owner only. Whoever
 * finds it there undoes its steps and removes it. A root process may read a journal that a user could have written, so every
 * value is held to a form in which it can only undo what Swaplab does.
 */

export const JOURNAL_NAME = 'kernel-journal.json'
/** While it is being written. */
const UNFINISHED_NAME = `${JOURNAL_NAME}.new`

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
  z.strictObject({ undo: z.literal('zram'), device: z.literal('zram0'), algorithm: word }),
  z.strictObject({ undo: z.literal('zswap'), parameter: z.enum(ZSWAP_PARAMETERS), value: word }),
  z.strictObject({ undo: z.literal('page-cluster'), value: z.int().min(0).max(31) }),
])
export type Step = z.infer<typeof Step>

const VERSION = 1

const JournalFile = z.strictObject({
  version: z.literal(VERSION),
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
  return read(folder, join(folder, JOURNAL_NAME))
}

function read(folder: string, file: string): JournalFile | null {
  let text: string
  try {
    const fd = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    try {
      const facts = fstatSync(fd)
      if (!facts.isFile() || facts.size > MAX_BYTES) throw new Error('it is not a small regular file')
      // In a folder that others may write in, too: what they put there is not ours.
      if (![0, statSync(folder).uid].includes(facts.uid) || (facts.mode & 0o022) !== 0)
        throw new Error('it belongs to, or may be written by, somebody other than the owner of its folder')
      text = readFileSync(fd, 'utf8')
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null
    throw unreadable(file, error)
  }
  try {
    const word: unknown = JSON.parse(text)
    const { version } = z.object({ version: z.int() }).parse(word)
    if (version !== VERSION)
      throw new Error(`it is of version ${version}, and this Swaplab knows ${VERSION}: use the one that wrote it`)
    return JournalFile.parse(word)
  } catch (error) {
    throw unreadable(file, error)
  }
}

/** Removes the journal that a helper was writing when it was killed, before it had changed anything. One whose writer lives stays. */
export function removeUnfinished(folder: string): void {
  const file = join(folder, UNFINISHED_NAME)
  try {
    const journal = read(folder, file)
    if (journal && isAlive(journal.owner)) return
  } catch {} // half of one
  try {
    remove(file)
  } catch {} // the next helper does it, or says why not
}

/** Whether there is a journal, read or not. */
export function hasJournal(folder: string): boolean {
  return lstatSync(join(folder, JOURNAL_NAME), { throwIfNoEntry: false }) !== undefined
}

/** The journal before the first change. @throws LabError unavailable, and `busy` where another has begun one meanwhile; nothing is left then */
export function beginJournal(folder: string, journal: JournalFile): void {
  put(folder, journal, (next, file) => {
    try {
      linkSync(next, file)
      unlinkSync(next)
    } catch (error) {
      if (codeOf(error) === 'EEXIST') throw journalThere()
      // A file system without hard links: whoever comes at the same moment is kept out by the group only.
      renameSync(next, file)
    }
  })
}

/** Writes the whole journal so that, after a power cut, either the old or the new one is there. @throws LabError unavailable; the old one is there then */
export function writeJournal(folder: string, journal: JournalFile): void {
  put(folder, journal, renameSync)
}

function put(folder: string, journal: JournalFile, name: (next: string, file: string) => void): void {
  const file = join(folder, JOURNAL_NAME)
  const next = join(folder, UNFINISHED_NAME)
  try {
    remove(next)
    const fd = openSync(next, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600)
    try {
      // The owner of the folder must be able to read it also where root wrote it.
      const { uid, gid } = statSync(folder)
      if (process.geteuid?.() === 0) fchownSync(fd, uid, gid)
      writeFileSync(fd, `${JSON.stringify(JournalFile.parse(journal), null, 2)}\n`)
      fsyncSync(fd)
    } finally {
      closeSync(fd)
    }
    name(next, file)
    syncFolder(folder)
  } catch (error) {
    remove(next)
    if (error instanceof LabError) throw error
    throw new LabError(
      {
        code: 'unavailable',
        message: `The journal of the kernel lanes cannot be written in ${named(folder)}: ${reasonOf(error)}.`,
        remedy: 'Without it nothing is changed. Make room in the data folder, or give another (--data).',
      },
      { cause: error },
    )
  }
}

export function journalThere(): LabError {
  return new LabError({
    code: 'busy',
    message: 'The journal of an earlier kernel lane is still there.',
    remedy: 'Wait for the run that uses it, or put the host back with "swaplab restore".',
  })
}

export function removeJournal(folder: string): void {
  remove(join(folder, UNFINISHED_NAME))
  remove(join(folder, JOURNAL_NAME))
  syncFolder(folder)
}

/** A link is removed itself, wherever it leads: rmSync would look for its target. */
function remove(file: string): void {
  try {
    unlinkSync(file)
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error
  }
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
      message: `The journal of the kernel lanes, ${join(named(dirname(file)), JOURNAL_NAME)}, cannot be understood: ${reasonOf(error)}.`,
      remedy: 'Look at it and at /proc/swaps, put right what it names by hand, then delete the file.',
    },
    { cause: error },
  )
}

/** A folder as a person knows it: the helper has hold of it by a descriptor. */
function named(folder: string): string {
  try {
    return readlinkSync(folder)
  } catch {
    return folder
  }
}

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? error.code : undefined)

function reasonOf(error: unknown): string {
  if (error instanceof z.ZodError)
    return error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')
  return error instanceof Error ? error.message : String(error)
}
