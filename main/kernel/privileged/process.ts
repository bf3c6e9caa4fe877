import { statSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import { createInterface } from 'node:readline'
import { isAlive } from '../../../native-bench/host.ts'
import { faultOf, LabError, type LabFault } from '../../contract/index.ts'
import { hasJournal, readJournal } from '../journal.ts'
import { KernelTree } from '../kernel-tree.ts'
import { HelperRequest, type Prepared, type Status } from '../settings.ts'
import { type Restored, restoreFrom } from '../undo.ts'
import { closePool, drop, flush, prepare } from './prepare.ts'

/**
 * The privileged helper of the kernel lanes: `node process.ts FOLDER`, FOLDER being the data folder with the journal. Requests come in as
 * lines on stdin, answers go out as lines on stdout. It starts no program and takes no paths but the two it checks. When its
 * client goes away, stdin ends, and it puts the kernel back before it ends itself.
 */

const folder = process.argv[2] ?? ''
const tree = new KernelTree()
/** Who started us through sudo or pkexec; null where root did. */
const askedBy =
  [process.env.SUDO_UID, process.env.PKEXEC_UID].filter((uid) => uid && uid !== '0').map(Number)[0] ?? null

let prepared: Prepared | null = null
/** RAM of the measuring process, bytes. */
let memoryBytes = 0

function checkFolder(): void {
  const facts = isAbsolute(folder) ? statSync(folder, { throwIfNoEntry: false }) : undefined
  if (facts?.isDirectory() && (askedBy === null || facts.uid === askedBy)) return
  throw new LabError({
    code: 'no_permission',
    message: `"${folder}" is not a data folder of the user who asked.`,
    remedy: 'Give the data folder of your own lab.',
  })
}

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

function answer(request: HelperRequest): Status | Prepared | Restored | number | null {
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
        prepared = prepare(preparation, folder, askedBy, tree)
        memoryBytes = preparation.memoryBytes
      } catch (error) {
        restoreOwn()
        throw error
      }
      return prepared
    }
    case 'drop':
      if (!prepared) throw new Error('nothing is prepared')
      drop(prepared, memoryBytes, tree)
      return null
    case 'close-pool':
      if (!prepared) throw new Error('nothing is prepared')
      closePool(folder, tree)
      return null
    case 'flush':
      if (!prepared) throw new Error('nothing is prepared')
      return flush(prepared.swapArea)
    case 'restore':
      return restore()
  }
}

/** @throws LabError `busy` where the journal belongs to another helper that lives */
function restore(): Restored {
  const journal = hasJournal(folder) ? readJournal(folder) : null
  if (journal && journal.owner.pid !== process.pid && isAlive(journal.owner))
    throw new LabError({
      code: 'busy',
      message: `A kernel lane is under way (its helper is process ${journal.owner.pid}).`,
      remedy: 'Cancel that run; its helper puts the host back.',
    })
  prepared = null
  return restoreFrom(folder, tree)
}

/** What this helper itself has changed; the journal of another stays. */
function restoreOwn(): void {
  const journal = hasJournal(folder) ? readJournal(folder) : null
  if (journal?.owner.pid === process.pid) restore()
}

function leave(): never {
  try {
    restoreOwn()
    process.exit(0)
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
    process.exit(1)
  }
}

function say(word: { ok: true; answer: unknown } | { ok: false; fault: LabFault }): void {
  process.stdout.write(`${JSON.stringify(word)}\n`)
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, leave)
// A client that is gone cannot be answered; stdin ends next.
process.stdout.on('error', () => {})

const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })
lines.on('close', leave)
lines.on('line', (line) => {
  try {
    checkFolder()
    say({ ok: true, answer: answer(requestIn(line)) })
  } catch (error) {
    say({ ok: false, fault: faultOf(error) })
  }
})
