import { LabError, type RunStatus } from '../contract/index.ts'

/** What runs and sweeps have in common as records of the history: an id that may be cut short, and a deletion that can be taken back. */

/** How long a deletion may be taken back, ms. */
const UNDO_MS = 10 * 60_000

/** Until when a deletion made now may be taken back. */
export const undoUntil = (now: Date): string => new Date(now.getTime() + UNDO_MS).toISOString()

/** What was deleted before this is removed for good. */
export const purgeBefore = (now: Date): string => new Date(now.getTime() - UNDO_MS).toISOString()

/** Whether its end is yet to come. */
export const isPending = ({ status }: { status: RunStatus }): boolean => status === 'queued' || status === 'running'

type Kind = 'run' | 'sweep'

/** @throws LabError `busy` before its end */
export function refuseDeletingPending(kind: Kind, record: { id: string; status: RunStatus }): void {
  if (!isPending(record)) return
  throw new LabError({
    code: 'busy',
    message: `${kind === 'run' ? 'Run' : 'Sweep'} ${record.id} is ${record.status}.`,
    remedy: 'Cancel it first; then it can be deleted.',
  })
}

/** Where `found` records, none or more than one, have an id that begins so. */
export function notFound(kind: Kind, id: string, found: number): LabError {
  return new LabError({
    code: 'not_found',
    field: 'id',
    message: found > 1 ? `"${id}" begins more than one ${kind} id.` : `There is no ${kind} "${id}" in this history.`,
    remedy:
      found > 1
        ? 'Give more of the id.'
        : kind === 'run'
          ? 'The history lists the runs there are; so does "swaplab list".'
          : 'The page Sweeps lists those there are; so does "swaplab sweeps".',
  })
}
