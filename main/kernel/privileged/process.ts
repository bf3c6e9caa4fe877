import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { isAlive } from '../../../native-bench/host.ts'
import { faultOf, LabError, type LabFault } from '../../contract/index.ts'
import { hasJournal, journalThere, readJournal } from '../journal.ts'
import { KernelTree } from '../kernel-tree.ts'
import { HelperRequest, type Prepared, type Status } from '../settings.ts'
import { type Restored, restoreFrom } from '../undo.ts'
import { Changes } from './changes.ts'
import { drop, flush, prepare } from './prepare.ts'

/**
 * The privileged helper of the kernel lanes: `node process.ts FOLDER`, FOLDER being the data folder with the journal. Requests come in as
 * lines on stdin, answers go out as lines on stdout. It starts no program and takes no paths but the two it checks. When its
 * client goes away, stdin ends, and it puts the kernel back before it ends itself.
 */

const tree = new KernelTree()
/** Who started us through sudo or pkexec; null where root did. */
const askedBy =
  [process.env.SUDO_UID, process.env.PKEXEC_UID].filter((uid) => uid && uid !== '0').map(Number)[0] ?? null

let changes: Changes | null = null
let prepared: Prepared | null = null
/** RAM of the measuring process, bytes. */
let memoryBytes = 0

/**
 * The data folder by a descriptor that is kept: nobody can put another in its place once it was found to be theirs.
 * @throws LabError no_permission
 */
function holdFolder(path: string): string {
  const refused = (why: string) =>
    new LabError({
      code: 'no_permission',
      message: `"${path}" ${why}.`,
      remedy: 'Give the data folder of your own lab (--data), on a file system that root may write to.',
    })
  if (!isAbsolute(path)) throw refused('is not a data folder of the user who asked')
  let fd: number
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY)
  } catch (error) {
    throw refused(`cannot be used by root: ${error instanceof Error ? error.message : error}`)
  }
  if (askedBy !== null && fstatSync(fd).uid !== askedBy) {
    closeSync(fd)
    throw refused('is not a data folder of the user who asked')
  }
  return `/proc/self/fd/${fd}`
}

let folder: string | null = null

/** @throws LabError `bad_input`, which names what is not as it has to be */
function requestIn(line: string): HelperRequest {
  let word: unknown
  try {
    word = JSON.parse(line)
  } catch {}
  const request = HelperRequest.safeParse(word)
  if (request.success) return request.data
  const [{ path, message }] = request.error.issues
  throw new LabError({
    code: 'bad_input',
    message: `This is no request to the privileged helper: ${path.join('.') || 'the line'}: ${message}.`,
    remedy: 'Only Swaplab itself of the same version may speak to it.',
  })
}

function answer(request: HelperRequest, folder: string): Status | Prepared | Restored | number | null {
  switch (request.verb) {
    case 'status':
      return {
        uid: process.geteuid?.() ?? -1,
        journal: hasJournal(folder),
        swaps: tree.swaps().map(({ path }) => path),
      }
    case 'prepare': {
      const { preparation } = request
      try {
        if (changes || hasJournal(folder)) throw journalThere()
        changes = new Changes(folder, tree)
        prepared = prepare(preparation, changes, askedBy, tree)
        memoryBytes = preparation.memoryBytes
      } catch (error) {
        undoOwn()
        throw error
      }
      return prepared
    }
    case 'drop':
      if (!prepared) throw new Error('nothing is prepared')
      drop(prepared, memoryBytes, tree)
      return null
    case 'close-pool':
      if (!prepared || !changes) throw new Error('nothing is prepared')
      changes.closePool()
      return null
    case 'flush':
      if (!prepared) throw new Error('nothing is prepared')
      return flush(prepared.swapArea)
    case 'restore':
      return restore(folder)
  }
}

/** @throws LabError `busy` where the journal belongs to another helper that lives */
function restore(folder: string): Restored {
  if (changes) return undoOwn()
  const journal = hasJournal(folder) ? readJournal(folder) : null
  if (journal && isAlive(journal.owner))
    throw new LabError({
      code: 'busy',
      message: `A kernel lane is under way (its helper is process ${journal.owner.pid}).`,
      remedy: 'Cancel that run; its helper puts the host back.',
    })
  return restoreFrom(folder, tree)
}

/** What this helper itself has changed; the journal of another stays. */
function undoOwn(): Restored {
  const restored = changes?.undo() ?? { done: [], left: [] }
  if (restored.left.length === 0) changes = null
  prepared = null
  return restored
}

function leave(code = 0): never {
  try {
    const { left } = undoOwn()
    if (left.length > 0) throw new Error(left.join('; '))
    process.exit(code)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
    process.exit(1)
  }
}

function say(word: { ok: true; answer: unknown } | { ok: false; fault: LabFault }): void {
  process.stdout.write(`${JSON.stringify(word)}\n`)
}

// Ctrl-C goes to the whole group of a terminal: the lab ends what is under way, and stdin then.
process.on('SIGINT', () => {})
for (const signal of ['SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) process.on(signal, () => leave())
// A client that is gone cannot be answered; stdin ends next.
process.stdout.on('error', () => {})

/** Longest line that is waited for, characters; a request has some hundreds. */
const MAX_LINE = 64 * 1024

function hear(line: string): void {
  try {
    folder ??= holdFolder(process.argv[2] ?? '')
    say({ ok: true, answer: answer(requestIn(line), folder) })
  } catch (error) {
    say({ ok: false, fault: faultOf(error) })
  }
}

let begun = ''
process.stdin.setEncoding('utf8').on('data', (text) => {
  const lines = `${begun}${text}`.split('\n')
  begun = lines.pop() ?? ''
  for (const line of lines) hear(line)
  if (begun.length <= MAX_LINE) return
  hear(begun)
  leave(1)
})
process.stdin.on('end', () => leave()).on('error', () => leave(1))
