import { isAlive } from '../../native-bench/host.ts'
import { LabError } from '../contract/index.ts'
import { readyHelper } from './client.ts'
import { hasJournal, readJournal, removeUnfinished } from './journal.ts'
import { type Way, wayToPrivileges } from './privileges.ts'
import type { Restored } from './undo.ts'

/**
 * What a data folder says of the kernel lanes: nothing was changed, a helper that lives has changed something and will put
 * it back, or one that died has left it so.
 * @throws LabError `unavailable` where the journal cannot be understood
 */
export function journalState(folder: string): 'none' | 'in use' | 'left' {
  const journal = hasJournal(folder) ? readJournal(folder) : null
  if (!journal) return 'none'
  return isAlive(journal.owner) ? 'in use' : 'left'
}

/**
 * Puts back what a dead helper left changed, through a helper of its own; nothing where nothing was left.
 * @throws LabError no_permission, busy, unavailable
 */
export async function restoreKernel(
  options: { folder: string; consent: boolean },
  way: Way = wayToPrivileges(),
): Promise<Restored> {
  switch (journalState(options.folder)) {
    case 'none':
      removeUnfinished(options.folder)
      return { done: [], left: [] }
    case 'in use':
      throw new LabError({
        code: 'busy',
        message: 'A kernel lane is under way; its own helper puts the host back when it ends.',
        remedy: 'Wait for that run, or cancel it.',
      })
    case 'left':
      break
  }
  const helper = await readyHelper(options, way)
  try {
    return await helper.restore()
  } finally {
    await helper.close()
  }
}

/**
 * At the start of a lab: puts the host back where that needs nobody's consent.
 * @returns what was put back, and a sentence for a person: null where there is nothing to say
 */
export async function restoreAtStart(
  folder: string,
  way: Way = wayToPrivileges(),
): Promise<{ done: string[]; sentence: string | null }> {
  const saying = (sentence: string | null, done: string[] = []) => ({ done, sentence })
  try {
    const state = journalState(folder)
    if (state === 'none') removeUnfinished(folder)
    if (state !== 'left') return saying(null)
    if (way.way !== 'root')
      return saying(
        'An earlier kernel lane ended before it had put the swap settings of this host back: "swaplab restore --privileged" does.',
      )
    const { done, left } = await restoreKernel({ folder, consent: false }, way)
    if (left.length > 0)
      return saying(`The swap settings of this host could not all be put back: ${left.join('; ')}.`, done)
    return saying(done.length > 0 ? `Put back after an earlier kernel lane: ${done.join('; ')}.` : null, done)
  } catch (error) {
    return saying(
      `The swap settings that an earlier kernel lane changed could not be put back: ${error instanceof Error ? error.message : error}`,
    )
  }
}
